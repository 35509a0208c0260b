import type { LeftOut } from '../git/left-out.ts';

/** Returns a line for submodules, and one for Git LFS pointers, if there are any. */
export function leftOutText({ submodules, pointers }: LeftOut): string[] {
  return [
    ...line(submodules, 'is a submodule; its files are', 'are submodules; their files are'),
    ...line(pointers, 'is a Git LFS pointer; its file is', 'are Git LFS pointers; their files are'),
  ];
}

function line([first, ...more]: string[], one: string, many: string): string[] {
  if (first === undefined) return [];
  const what = more.length === 0 ? `${first} ${one}` : `${first} and ${more.length} more ${many}`;
  return [`${what} not in what is deployed`];
}
