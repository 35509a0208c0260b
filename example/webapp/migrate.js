// What each release does once before anything is replaced, such as migrating a database.
console.log(`nothing to migrate for release ${process.env.RELEASE}`);
