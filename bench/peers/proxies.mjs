import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromDebian } from '../../test/fixtures/borrowed.ts';
import { plainEnvironment } from '../fleet.mjs';
import { load } from '../http-load.mjs';
import { freePort } from '../ports.mjs';

/** Starts nginx with one worker before a port. Returns its own port; null, and says why, if it cannot be had. */
export async function startNginx(stage, backend) {
  const program = find(stage, 'nginx', '-v', 'usr/sbin/nginx');
  if (!program) return null;
  const dir = stage.place('nginx');
  const port = await freePort();
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  );
  writeFileSync(
    `${dir}/nginx.conf`,
    `daemon off; pid ${dir}/pid; error_log ${dir}/error.log; worker_processes 1;
    events {}
    http {
      access_log off; ${places.join(' ')} keepalive_requests 1000000000;
      upstream app { server 127.0.0.1:${backend}; keepalive 64; keepalive_requests 1000000000; }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://app; proxy_http_version 1.1;
          proxy_set_header Connection ""; proxy_set_header Host $host;
          proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
        }
      }
    }`,
  );
  return begin(stage, port, program.file, ['-c', `${dir}/nginx.conf`, '-e', `${dir}/error.log`], program.env);
}

/** The same with Caddy, which gets one thread for its own code. */
export async function startCaddy(stage, backend) {
  const program = find(stage, 'caddy', 'version', 'usr/bin/caddy');
  if (!program) return null;
  const dir = stage.place('caddy');
  const port = await freePort();
  writeFileSync(
    `${dir}/Caddyfile`,
    `{
      admin off
      auto_https off
    }
    http://:${port} {
      bind 127.0.0.1
      reverse_proxy 127.0.0.1:${backend}
    }\n`,
  );
  const env = { ...program.env, GOMAXPROCS: '1', HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir };
  const how = ['run', '--config', `${dir}/Caddyfile`, '--adapter', 'caddyfile'];
  return begin(stage, port, program.file, how, env);
}

/** The same with httpxy alone, in one process. */
export async function startHttpxy(stage, backend) {
  const file = fileURLToPath(new URL('httpxy.mjs', import.meta.url));
  const child = spawn(process.execPath, [file, String(backend)], { stdio: ['ignore', 'pipe', 'inherit'] });
  stage.later(() => void child.kill());
  const [printed] = await once(child.stdout, 'data');
  return Number(printed);
}

/** Returns a program that is installed, else one that is unpacked from Debian's package; null, and says why, without both. */
function find(stage, name, asked, place) {
  if (!spawnSync(name, [asked]).error) return { file: name, env: {} };
  const borrowed = fromDebian(name, [name]);
  const file = `${borrowed.root}/${place}`;
  if ('root' in borrowed && existsSync(file) && spawnSync(file, [asked], { env: borrowed.env }).status === 0)
    return { file, env: borrowed.env };
  stage.say(`${name} is missing: ${borrowed.missing ?? 'its package does not run here'}`);
  return null;
}

async function begin(stage, port, file, args, env) {
  const child = spawn(file, args, { env: plainEnvironment(env), stdio: 'ignore' });
  stage.later(() => void child.kill());
  for (let tries = 0; ; tries++) {
    try {
      await load({ port, requests: 1, connections: 1 });
      return port;
    } catch (error) {
      if (tries === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
