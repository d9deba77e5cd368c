/** What is open: the project, its pictures, the step, the jobs. */

import * as api from "../api/client.ts";
import { listen } from "../api/events.ts";
import type {
  Cell,
  Job,
  Picture,
  Project,
  RecentProject,
  SegmenterInfo,
  ServerEvent,
} from "../api/types.ts";
import { t } from "../text/text.svelte.ts";
import { archiveOf, picturesOf, projectName, sheetOf, whyNoPictures } from "./files.ts";
import { keptMethod } from "./method.ts";
import { thin } from "./thin.svelte.ts";

export const STEPS = ["picture", "segment", "correct", "results", "learn"] as const;
export type Step = (typeof STEPS)[number];
export type Sheet = "keys" | "numbers";

const HINT_SEEN = "segmetry.hint";

class App {
  isReady = $state(false);
  recent = $state.raw<RecentProject[]>([]);
  project = $state.raw<Project | null>(null);
  pictures = $state.raw<Picture[]>([]);
  pictureId = $state<string | null>(null);
  step = $state<Step>("picture");
  #channel = $state<number | null>(null);
  jobs = $state.raw<Job[]>([]);
  segmenters = $state.raw<SegmenterInfo[]>([]);
  /** The method that is chosen, and those of its options that were changed. */
  method = $state("auto");
  options = $state.raw<Record<string, Cell>>({});
  showsAll = $state(false); // results of all pictures, not of the one in sight
  sheet = $state<Sheet | null>(null);
  nSheets = $state(0); // sent so far: what is told of groups depends on it
  nStages = $state(1); // that were set up; a higher number sets up a new one
  problem = $state<string | null>(null);
  isLineLost = $state(false);
  sending = $state.raw<{ done: number; all: number; name: string } | null>(null);
  showsHint = $state(localStorage.getItem(HINT_SEEN) === null);
  picture = $derived(this.pictures.find(({ id }) => id === this.pictureId) ?? null);
  isVolume = $derived((this.picture?.n_slices ?? 1) > 1);
  /** Where news of label sets go, word of a line that is whole again, and what is not sent yet. */
  labelsChanged: (label: string, rev: number) => void = () => {};
  cameBack: () => Promise<void> = async () => {};
  withUnsent = (picture: Picture): Picture => picture;
  #news: ServerEvent[] | null = null;

  /** The channel that is looked at; null: all together, as where the picture has no such one. */
  get channel(): number | null {
    const n = this.picture?.channels.length ?? 0;
    return this.#channel !== null && this.#channel < n ? this.#channel : null;
  }

  set channel(channel: number | null) {
    this.#channel = channel;
  }

  async start(): Promise<void> {
    await this.try(async () => {
      listen(
        (event) => this.#heard(event),
        (isLost) => {
          if (this.isLineLost && !isLost) void this.try(() => this.#comeBack());
          this.isLineLost = isLost;
        },
      );
      this.recent = await api.recentProjects();
      const asked = location.hash.slice(1);
      if (asked !== "") await this.open(asked);
    });
    this.isReady = true;
  }

  /** Do something that the server may refuse, and tell the person if it does. */
  async try<T>(action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (problem) {
      if (problem instanceof api.Refusal) this.problem = problem.message;
      else if (problem instanceof TypeError) this.problem = t("lost.line");
      else throw problem;
      return undefined;
    }
  }

  async open(id: string): Promise<void> {
    await this.#enter(api.openProject(id));
  }

  readonly openDemo = () => this.#enter(api.startDemo());

  leave(): void {
    this.project = null;
    this.#news = null;
    this.pictureId = null;
    history.replaceState(null, "", location.pathname);
    void this.listProjects();
  }

  async listProjects(): Promise<void> {
    this.recent = (await this.try(api.recentProjects)) ?? this.recent;
  }

  /** Send files to the open project, or to a new one; a refused file stops no other. */
  async addFiles(files: readonly File[]): Promise<void> {
    this.problem = null;
    const archive = archiveOf(files);
    if (archive !== undefined) {
      await this.#enter(api.importProject(archive));
      return;
    }
    const refused = whyNoPictures(files);
    if (refused) {
      this.problem = t(refused);
      return;
    }
    const pictures = picturesOf(files);
    const name = projectName(pictures, t("start.untitled"));
    const project = this.project ?? (await this.#enter(api.createProject(name)));
    for (const [done, file] of pictures.entries()) {
      this.sending = { done: done + 1, all: pictures.length, name: file.name };
      const added = await this.try(() => api.upload(project.id, file));
      // The news that it was read may have come before this answer, and is newer.
      const isKnown = this.pictures.some(({ id }) => id === added?.id);
      if (added !== undefined && !isKnown) this.#putPicture(added);
    }
    this.sending = null;
    const sheet = sheetOf(files);
    if (sheet !== undefined) await this.try(() => api.sendSheet(project.id, sheet));
    this.nSheets++;
  }

  putPicture(picture: Picture): void {
    this.#putPicture(picture);
  }

  async run(segmenter: string, params: Record<string, Cell>, all: boolean): Promise<void> {
    this.dropHint();
    const asked = this.pictures.filter(({ id }) => all || id === this.pictureId);
    const chosen = asked.filter(({ status, width }) => status !== "reading" && width > 0);
    if (chosen.length < asked.length) {
      const left = asked.filter((picture) => !chosen.includes(picture));
      this.problem = t("run.left", { names: left.map(({ name }) => name).join(", ") });
    }
    for (const picture of chosen) {
      const { id } = picture;
      await this.#alignChannel(picture);
      const job = await this.try(() =>
        api.run(id, { segmenter, params, thin: thin.choice }),
      );
      // News of it may have come before the answer, and are newer then.
      const isKnown = this.jobs.some((one) => one.id === job?.id);
      if (job !== undefined && !isKnown) this.#putJob(job);
    }
  }

  /** Choose in which channel of this picture objects are looked for. */
  async useChannel(channel: number | null, id = this.pictureId): Promise<void> {
    const picture = await this.try(() => api.useChannel(id!, channel));
    if (picture !== undefined) this.#putPicture(picture);
  }

  async train(asked: { name: string; minutes: number; start: string }): Promise<void> {
    const { project } = this;
    if (project === null) return;
    const job = await this.try(() => api.train(project.id, asked));
    if (job !== undefined && !this.jobs.some(({ id }) => id === job.id)) this.#putJob(job);
  }

  /** Choose a network that was trained here as the method. */
  async useModel(model: string): Promise<void> {
    this.segmenters = (await this.try(api.segmenters)) ?? this.segmenters;
    this.method = "network";
    this.options = { model };
    this.step = "segment";
  }

  /** Take a picture without a result out of the project; its file stays where it is. */
  async remove(id: string): Promise<void> {
    await this.try(() => api.removePicture(id).then(() => this.#drop(id)));
  }

  /** Say that the objects of a picture are checked completely, or take that back. */
  async markChecked(id: string, labels: string | null): Promise<void> {
    const told = await this.try(() => api.markChecked(id, labels));
    if (told !== undefined) this.#putPicture(told);
  }

  async cancel(job: Job): Promise<void> {
    await this.try(() => api.cancelJob(job.id));
  }

  async resume(job: Job): Promise<void> {
    await this.try(() => api.resumeJob(job.id)); // its news come by themselves
  }

  dropHint(): void {
    this.showsHint = false;
    localStorage.setItem(HINT_SEEN, "yes");
  }

  #enter(asked: Promise<Project>): Promise<Project> {
    return this.#take(asked, ({ id, pictures: [first] }) => {
      this.jobs = [];
      ({ method: this.method, options: this.options, thin: thin.choice } = keptMethod(id));
      this.pictureId = first?.id ?? null;
      this.showsAll = false;
      this.step = first?.labels == null ? "picture" : "results";
      history.replaceState(null, "", `#${id}`);
    });
  }

  /** After a broken line, or in another program: what was missed is asked for anew. */
  async #comeBack(): Promise<void> {
    if (this.project === null) return;
    await this.#take(api.openProject(this.project.id), ({ pictures: [first] }) => {
      if (this.picture === null) this.pictureId = first?.id ?? null;
    });
    await this.cameBack();
  }

  /** Show a project, unless another was asked for meanwhile. */
  async #take(asked: Promise<Project>, show: (project: Project) => void): Promise<Project> {
    const news: ServerEvent[] = [];
    this.#news = news;
    const project = await asked.catch((problem) => {
      if (this.#news === news) this.#news = null;
      throw problem;
    });
    if (this.#news !== news) return project;
    this.project = project;
    this.pictures = project.pictures;
    show(project);
    void this.#takeJobs(project.id, news);
    return project;
  }

  /** Show its jobs; what was told since it was asked for is newer than the answers. */
  async #takeJobs(project: string, news: readonly ServerEvent[]): Promise<void> {
    const asked = await this.try(() => Promise.all([api.segmenters(), api.jobs()]));
    if (this.#news !== news) return;
    this.#news = null;
    if (asked !== undefined) {
      this.segmenters = asked[0];
      if (!this.segmenters.some(({ name }) => name === this.method)) {
        [this.method, this.options] = ["auto", {}]; // of a plug-in that is gone
      }
      this.jobs = asked[1].filter((job) => job.project === project);
    }
    for (const event of news) this.#tell(event);
  }

  /** A picture of the same channels as the one in sight is run in the same channel. */
  async #alignChannel({ id, channel, channels }: Picture): Promise<void> {
    const shown = this.picture;
    if (shown === null || channel === shown.channel) return;
    if (String(channels) === String(shown.channels)) {
      await this.useChannel(shown.channel, id);
    }
  }

  #heard(event: ServerEvent): void {
    this.#news?.push(event);
    this.#tell(event);
  }

  #tell(event: ServerEvent): void {
    if (event.type === "job") this.#putJob(event.job);
    else if (event.type === "labels") this.labelsChanged(event.label, event.rev);
    else if (event.type === "removed") this.#drop(event.picture);
    else this.#putPicture(this.withUnsent(event.picture));
  }

  #putJob(job: Job): void {
    if (job.project !== this.project?.id) return;
    const jobs = [job, ...this.jobs.filter(({ id }) => id !== job.id)];
    const isOpen = ({ status }: Job) => status === "waiting" || status === "running";
    this.jobs = jobs.filter((one, at) => at < 50 || isOpen(one));
  }

  #drop(picture: string): void {
    this.pictures = this.pictures.filter(({ id }) => id !== picture);
    if (this.pictureId === picture) this.pictureId = this.pictures[0]?.id ?? null;
  }

  #putPicture(picture: Picture): void {
    if (picture.project !== this.project?.id) return;
    const at = this.pictures.findIndex(({ id }) => id === picture.id);
    this.pictures = at < 0 ? [...this.pictures, picture] : this.pictures.with(at, picture);
    this.pictureId ??= picture.id;
  }
}

export const app = new App();
