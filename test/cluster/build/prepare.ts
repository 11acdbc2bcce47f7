import { debianImage, nodeImage, pauseImage } from "./base-images.ts";
import { goTools } from "./go-tools.ts";
import { installPackages } from "./packages.ts";

/** Installs and builds what this machine lacks; once it has all, this takes some milliseconds. May be killed on any line, and run twice at once. */
export async function prepare(): Promise<void> {
  await installPackages();
  const tools = async () => {
    for (const module of ["node", "helm", "helm3"] as const) await goTools(module);
  };
  const images = async () => {
    await debianImage(); // waits for downloads while Go uses the cores
    await nodeImage();
    await pauseImage();
  };
  await Promise.all([tools(), images()]);
}
