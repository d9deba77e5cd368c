import { expect, test } from "vitest";
import { Inquiry } from "../../src/engine/inquiry.ts";

function asked() {
  const answers: (() => void)[] = [];
  const state = { isQuiet: true };
  const inquiry = new Inquiry(
    () => new Promise<void>((resolve) => answers.push(resolve)),
    () => state.isQuiet,
  );
  const answer = async () => {
    answers.at(-1)?.();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { inquiry, state, answers, answer };
}

test("what is wanted while an answer is due is asked once more after it", async () => {
  const { inquiry, answers, answer } = asked();
  inquiry.want();
  for (let i = 0; i < 5; i++) inquiry.want();
  expect(answers.length).toBe(1);
  await answer();
  expect(answers.length).toBe(2);
  await answer();
  expect(answers.length).toBe(2);
});

test("nothing is asked before it is quiet, and then only what is wanted", async () => {
  const { inquiry, state, answers } = asked();
  state.isQuiet = false;
  inquiry.want();
  await inquiry.goOn();
  expect(answers.length).toBe(0);
  state.isQuiet = true;
  void inquiry.goOn();
  void inquiry.goOn();
  expect(answers.length).toBe(1);
});

test("nobody asks where nothing is wanted", async () => {
  const { inquiry, answers } = asked();
  await inquiry.goOn();
  expect(answers.length).toBe(0);
});
