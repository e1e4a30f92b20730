import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** A program that runs beside the tests and says on its output where it can be reached. */
export class Program {
  private constructor(
    private readonly child: ChildProcess,
    readonly origin: string,
  ) {}

  /**
   * Starts `command` and waits for a line that matches `ready`, whose first group is its origin.
   * Fails with what it printed when it ends first, or after a minute.
   */
  static async start(command: string, env: Record<string, string>, ready: RegExp): Promise<Program> {
    const child = spawn(command, {
      env: { ...inherited(), ...env },
      stdio: ["pipe", "pipe", "pipe"],
      // A process group of its own, so that all of it can be stopped.
      detached: true,
    });
    const printed: string[] = [];
    const origin = new Promise<string>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${command} ${why}\n${printed.join("\n")}`));
      const deadline = setTimeout(() => fail("is not ready after a minute"), 60_000);
      child.once("error", (error) => fail(error.message));
      child.once("exit", () => fail("ended before it was ready"));
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on("line", (line) => {
          printed.push(line);
          const match = ready.exec(line);
          if (match?.[1]) {
            clearTimeout(deadline);
            resolve(match[1]);
          }
        });
      }
    });
    try {
      return new Program(child, await origin);
    } catch (error) {
      stop(child, "SIGTERM");
      throw error;
    }
  }

  /** Lets the program and everything in its process group end, and waits until it has ended. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      return;
    }
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    stop(this.child, "SIGTERM");
    const patience = setTimeout(() => stop(this.child, "SIGKILL"), 30_000);
    await ended;
    clearTimeout(patience);
  }
}

function stop(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) {
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function inherited(): Record<string, string> {
  const names = [
    "PATH",
    "HOME",
    "PLATEN_CHROMIUM",
    "CARGO_TARGET_DIR",
    "PLATEN_PROVISION",
    "PLATEN_RUN_CONVERTER",
  ];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
}
