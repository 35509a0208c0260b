import { BareGit } from '../bare-git.mjs';
import { NODE_FLOOR, run, time, timeOf } from '../command.mjs';
import { FLEET, Fleet } from '../fleet.mjs';
import { interleave } from '../interleave.mjs';
import { line, peerLine } from '../line.mjs';
import { Propagit } from '../peers/propagit.mjs';
import { commitChange, deployedApp } from '../repository.mjs';
import { RoundTrip } from '../round-trip.mjs';
import { median, ratios } from '../statistics.mjs';

/** A small change to 4 drones, and the same commit once more. */
export async function measure(stage) {
  const fleet = await Fleet.start(stage, { drones: 4 });
  const app = await deployedApp(stage, fleet);
  const propagit = await Propagit.start(stage, { drones: 4 });
  const lines = await deployLines(stage, fleet, app, { drones: 4, goal: 1.25, propagit });
  return [...lines, await againLine(stage, fleet, app)];
}

/** A change of one file, deployed by fleet, by git alone, and by the engine of the original if it can be installed. */
export async function deployLines(stage, fleet, app, { drones, goal, propagit = null }) {
  const bare = await BareGit.overHttp(stage, drones);
  const files = await BareGit.overFiles(stage, drones);
  const commits = [];
  const commitOf = async (round) => {
    commits[round] ??= commitChange(app.dir);
    return commits[round];
  };
  const of = (work) => async (round) => {
    const commit = await commitOf(round);
    return timeOf(() => work(commit));
  };
  const samples = await interleave(stage.rounds.long, {
    git: of((commit) => bare.deploy(app.dir, commit)),
    files: of((commit) => files.deploy(app.dir, commit)),
    fleet: of(() => run([...FLEET, 'deploy'], fleet.client(app.dir))),
    ...(propagit && { propagit: of((commit) => propagit.deploy(app.dir, commit)) }),
  });
  const same = {
    floor: `\`git push\`, ${drones} × \`git fetch\` and checkout, over HTTP`,
    unit: 'ms',
    floors: samples.git,
  };
  return [
    line({
      ...same,
      what: `\`fleet deploy\`, small change, ${drones} drones`,
      goal,
      ours: samples.fleet,
      notes: [
        `${median(ratios(samples.fleet, samples.files)).toFixed(2)} times what git takes from a path on the same disk, without a network`,
      ],
    }),
    ...(propagit
      ? [peerLine({ ...same, what: `propagit 0.6.4, the same, ${drones} drones`, ours: samples.propagit })]
      : []),
  ];
}

async function againLine(stage, fleet, app) {
  await fleet.run(['deploy'], app.dir);
  const trip = await RoundTrip.open(stage);
  const samples = await interleave(stage.rounds.short, {
    node: () => timeOf(() => run(NODE_FLOOR).then(() => trip.once())),
    fleet: () => time([...FLEET, 'deploy'], fleet.client(app.dir)),
  });
  return line({
    what: '`fleet deploy` of a commit that is already there',
    floor: '`node -e 0` and one round trip',
    unit: 'ms',
    goal: 1.6,
    ours: samples.fleet,
    floors: samples.node,
  });
}
