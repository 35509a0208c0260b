import { BareGit } from '../bare-git.mjs';
import { run, timeOf } from '../command.mjs';
import { FLEET, Fleet } from '../fleet.mjs';
import { interleave } from '../interleave.mjs';
import { line } from '../line.mjs';
import { commitChange, git, makeRepository } from '../repository.mjs';

const DRONES = 4;

/** A repository of 10,000 files and 100 MB, for the first time; then a change of one file in it. */
export async function measure(stage) {
  const fleet = await Fleet.start(stage, { drones: DRONES });
  const bare = await BareGit.overHttp(stage, DRONES);
  const app = `${stage.dir}/large`;
  await makeRepository(app, { files: 10_000, bytes: 10_000 });
  const floor = `\`git push\`, ${DRONES} × \`git fetch\` and checkout`;
  const deploy = (commit, repo) =>
    run([...FLEET, 'deploy', `--commit=${commit}`, `--repo=${repo}`], fleet.client(app));

  const first = await git(app, 'rev-parse', 'HEAD');
  const rounds = stage.quick ? 1 : 3;
  // A new repository each time, so that each is a first deploy.
  const empty = [bare];
  while (empty.length <= rounds) empty.push(await BareGit.overHttp(stage, DRONES));
  const whole = await interleave(rounds, {
    git: (round) => timeOf(() => empty[round].deploy(app, first)),
    fleet: (round) => timeOf(() => deploy(first, `large${round}`)),
  });
  const commits = [];
  const of = (work) => async (round) => {
    commits[round] ??= commitChange(app);
    const commit = await commits[round];
    return timeOf(() => work(commit));
  };
  const second = await interleave(stage.quick ? 1 : 2, {
    git: of((commit) => bare.deploy(app, commit)),
    fleet: of((commit) => deploy(commit, 'large0')),
  });
  const same = { floor, unit: 'ms', goal: 1.05 };
  const what = '10,000 files, 100 MB, 4 drones';
  return [
    line({ ...same, what: `\`fleet deploy\`, ${what}`, ours: whole.fleet, floors: whole.git }),
    line({
      ...same,
      what: `\`fleet deploy\`, ${what}, one file changed`,
      ours: second.fleet,
      floors: second.git,
    }),
  ];
}
