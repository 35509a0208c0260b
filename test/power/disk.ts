import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const SIZE = '96M';

/** A disk of its own, mounted at `place`, from which the power can be cut. */
export class Disk {
  private readonly image: string;
  private cuts = 0;

  /** `dir`: where the images of the disk are kept. */
  constructor(
    private readonly dir: string,
    readonly place: string,
  ) {
    mkdirSync(dir, { recursive: true });
    mkdirSync(place, { recursive: true });
    this.image = join(dir, 'disk.img');
    execFileSync('truncate', ['-s', SIZE, this.image]);
    execFileSync('mkfs.ext4', ['-q', this.image]);
    this.mount(this.image);
  }

  /**
   * Returns an image of what would be on the disk if the power were cut now: what the system still has in memory is
   * missing in it.
   */
  cut(): string {
    const image = join(this.dir, `cut-${++this.cuts}.img`);
    execFileSync('cp', ['--sparse=always', this.image, image]);
    return image;
  }

  /** Puts an image in place of what is mounted, as after the next start of the machine. */
  restore(image: string): void {
    this.unmount();
    this.mount(image);
  }

  /** Does nothing if it is not mounted. */
  end(): void {
    this.unmount();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private mount(image: string): void {
    execFileSync('mount', ['-o', 'loop', image, this.place]);
  }

  private unmount(): void {
    spawnSync('umount', ['-l', this.place]);
  }
}

/** Why power cuts cannot be tried; false if they can. */
export function noPowerCuts(): string | false {
  if (process.getuid?.() !== 0) return 'needs root';
  for (const command of ['mkfs.ext4', 'unshare', 'mount'])
    if (spawnSync(command, ['--version']).error && spawnSync(command, ['-V']).error)
      return `needs ${command}`;
  const dir = `/tmp/fleet-loop-${process.pid}`;
  try {
    new Disk(join(dir, 'images'), join(dir, 'place')).end();
    return false;
  } catch (error) {
    return `a loop device cannot be mounted: ${(error as Error).message.split('\n').at(-1)}`;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
