import { FleetError } from '../../protocol/errors.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { parseLabels } from '../drone-words.ts';
import { labelsText } from '../drones-text.ts';
import { note, say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

export const labelCommand: Command = {
  name: 'label',
  summary: 'Set labels of a drone.',
  synopsis: ['DRONE {KEY=VALUE | KEY-}... [+REMOTE]'],
  operands: 'words',
  completes: 'drones',
  options: CLIENT_OPTIONS,
  description: [
    'Sets labels of a drone, by which `on` of a `fleet.toml` and `--drone=KEY=VALUE` select it. The hub keeps them: they win over those that the drone was started with, also after its restart. `KEY-` takes such a label back, and what the drone says counts again. Prints the labels that the drone has then.',
    "This needs the hub's own secret, or a token with the right `admin`.",
  ],
  examples: [
    ['Set a label:', 'fleet label web1 role=web'],
    ['Take it back:', 'fleet label web1 role-'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-drones(1)', 'fleet-drone(1)', 'fleet.toml(5)'],
  async run(args, io) {
    const [drone, ...words] = args.words;
    if (drone === undefined || words.length === 0)
      throw new FleetError('EUSAGE', 'say which drone and label: fleet label DRONE KEY=VALUE');
    const isTaken = (word: string) => /^[^=]+-$/.test(word);
    const set = parseLabels(
      words.filter((word) => !isTaken(word)),
      (label) => label,
    );
    const unset = words.filter(isTaken).map((word) => word.slice(0, -1));
    return withClient(args, io, async (client) => {
      await client.droneLabel(drone, set, unset);
      const labels = (await client.drones()).find(({ name }) => name === drone)?.labels ?? {};
      say(io, `${drone}: ${labelsText(labels) || 'no labels'}`);
      for (const key of unset.filter((one) => Object.hasOwn(labels, one)))
        note(
          io,
          `${key}=${labels[key]} is what ${drone} itself was started with; start it without that --label`,
        );
      return 0;
    });
  },
};
