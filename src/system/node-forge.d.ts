declare module 'node-forge/lib/forge.js' {
  export { default } from 'node-forge';
}
