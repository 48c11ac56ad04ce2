// Watch an LSTM read: the course's character model of Shakespeare, computed in the page.
//
// Its weights (1.2 million numbers of 16 bits, as data/pretrained/ has them) are fetched when they are asked for. The
// names are those of lesson 03: gates i, f and o, candidate g, cell state c, hidden state h.
"use strict";

class Reader {
  constructor(tokens, shapes, buffer) {
    this.tokens = tokens;
    this.ids = new Map(tokens.map((token, id) => [token, id]));
    const halves = new Uint16Array(buffer);
    let start = 0;
    [this.embedding, this.kernel, this.recurrent, this.bias, this.output, this.outputBias] = shapes.map((shape) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const values = Float64Array.from(halves.subarray(start, start + size), fromHalf);
      start += size;
      return values;
    });
    this.H = shapes[2][0];
  }

  // Return what one more character makes of a state {h, c}: gates, states and the logits of the next character.
  step(before, id) {
    const H = this.H, D = this.embedding.length / this.tokens.length;
    const z = Float64Array.from(this.bias);
    addProduct(z, this.embedding.subarray(id * D, (id + 1) * D), this.kernel);
    addProduct(z, before.h, this.recurrent);
    const now = { i: new Float64Array(H), f: new Float64Array(H), o: new Float64Array(H), c: new Float64Array(H), h: new Float64Array(H) };
    for (let unit = 0; unit < H; unit++) {
      now.i[unit] = sigmoid(z[unit]);
      now.f[unit] = sigmoid(z[H + unit]);
      now.o[unit] = sigmoid(z[3 * H + unit]);
      now.c[unit] = now.f[unit] * before.c[unit] + now.i[unit] * Math.tanh(z[2 * H + unit]);
      now.h[unit] = now.o[unit] * Math.tanh(now.c[unit]);
    }
    now.logits = Float64Array.from(this.outputBias);
    addProduct(now.logits, now.h, this.output);
    return now;
  }

  // Return the steps of a text, one for each of its characters; one that the model does not know is <unk>.
  read(text, steps = []) {
    const unknown = this.ids.get("<unk>");
    for (const character of text) {
      const before = steps.at(-1) ?? { h: new Float64Array(this.H), c: new Float64Array(this.H) };
      steps.push(this.step(before, this.ids.get(character) ?? unknown));
    }
    return steps;
  }

  // Return the probabilities of the next character; <pad> and <unk> are never drawn.
  probabilities(logits, temperature) {
    const scaled = Array.from(logits, (logit, id) => (id < 2 ? -Infinity : logit / temperature));
    const highest = Math.max(...scaled);
    const weights = scaled.map((logit) => Math.exp(logit - highest));
    const sum = weights.reduce((total, weight) => total + weight);
    return weights.map((weight) => weight / sum);
  }
}

// sums (n,) += x (m,) times matrix (m, n), row by row.
function addProduct(sums, x, matrix) {
  const n = sums.length;
  for (let row = 0; row < x.length; row++) {
    for (let column = 0, at = row * n; column < n; column++, at++) sums[column] += x[row] * matrix[at];
  }
}

function sigmoid(x) {
  return 1 / (1 + Math.exp(-x));
}

// Return the number that 16 bits stand for (IEEE 754, half precision).
function fromHalf(bits) {
  const exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : (fraction / 1024) * 2 ** -14;
  return bits & 0x8000 ? -size : size;
}

async function loadReader(folder) {
  const [description, weights] = await Promise.all([fetch(`${folder}reader.json`), fetch(`${folder}reader.bin`)]);
  if (!description.ok || !weights.ok) throw new Error("the weights are not there");
  const { tokens, shapes } = await description.json();
  return new Reader(tokens, shapes, await weights.arrayBuffer());
}

// --- what one sees -------------------------------------------------------------------------------------------------

const UNITS_SHOWN = 16, BARS = 8, LONGEST = 60;

function watch(box) {
  const part = (name) => box.querySelector(`[data-part="${name}"]`);
  const [form, text, write, shown, temperature, place, canvas, bars, status] =
    ["form", "text", "write", "shown", "temperature", "place", "canvas", "bars", "status"].map(part);
  let reader, said = [], steps = []; // what was read, which the text may no longer be

  async function read() {
    status.textContent = reader ? "" : "Fetching the weights, 2.4 MB ...";
    try {
      reader ??= window.reader = await loadReader(box.dataset.folder);
    } catch (error) {
      status.textContent = `The weights could not be fetched (${error.message}). A page opened as a file may not fetch: serve the folder.`;
      return;
    }
    said = [...text.value];
    steps = reader.read(said);
    place.max = Math.max(1, steps.length);
    place.value = steps.length;
    draw();
  }

  // Add characters one by one, each drawn from the probabilities after the one before.
  async function writeOn() {
    await read();
    write.disabled = true;
    while (reader && text.value.length < LONGEST) {
      const last = steps.at(-1) ?? reader.read("\n")[0];
      const next = reader.tokens[drawFrom(reader.probabilities(last.logits, Number(temperature.value)))];
      said.push(next);
      text.value += next === "\n" ? " " : next;
      reader.read(next, steps);
      place.max = place.value = steps.length;
      draw();
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    write.disabled = false;
  }

  function draw() {
    if (!steps.length) return;
    const units = liveliest(steps);
    const what = shown.value, at = Number(place.value) - 1;
    drawCells(canvas, said, units.map((unit) => steps.map((step) => step[what][unit])), what, at);
    canvas.setAttribute("aria-label",
      `${shown.selectedOptions[0].text} of ${units.length} of ${reader.H} units, after each of ${steps.length} characters`);
    drawBars(bars, reader, steps[at], Number(temperature.value));
    part("temperature-value").textContent = Number(temperature.value).toFixed(1);
    status.textContent = `Read up to character ${at + 1}, ${spoken(said[at])}.`;
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); read(); });
  write.addEventListener("click", writeOn);
  for (const control of [shown, temperature, place]) control.addEventListener("input", draw);
}

function drawFrom(probabilities) {
  let left = Math.random();
  const found = probabilities.findIndex((p) => (left -= p) < 0);
  return found < 0 ? probabilities.indexOf(Math.max(...probabilities)) : found;
}

// Return the units whose cell state moves most while the text is read, in their order.
function liveliest(steps) {
  const moved = Array.from(steps[0].c, (_, unit) => {
    const values = steps.map((step) => Math.tanh(step.c[unit]));
    return Math.max(...values) - Math.min(...values);
  });
  const order = moved.map((_, unit) => unit).sort((a, b) => moved[b] - moved[a]);
  return order.slice(0, UNITS_SHOWN).sort((a, b) => a - b);
}

function drawCells(canvas, text, rows, what, at) {
  const size = 18, top = 24, columns = rows[0].length;
  canvas.width = size * columns;
  canvas.height = top + size * rows.length;
  const pen = canvas.getContext("2d");
  pen.font = "14px monospace";
  pen.textAlign = "center";
  pen.fillStyle = getComputedStyle(canvas).color;
  for (let t = 0; t < columns; t++) pen.fillText({ " ": "·", "\n": "↵" }[text[t]] ?? text[t], size * (t + 0.5), 15);
  rows.forEach((row, y) => row.forEach((value, t) => {
    pen.fillStyle = what === "c" ? diverging(Math.tanh(value)) : `rgb(${white(value, 8)}, ${white(value, 69)}, ${white(value, 148)})`;
    pen.fillRect(size * t, top + size * y, size - 1, size - 1);
  }));
  pen.strokeStyle = "#d95f02";
  pen.lineWidth = 2;
  pen.strokeRect(size * at, 1, size - 1, canvas.height - 2);
}

// A share between white (0) and a colour's channel (1).
function white(share, channel) {
  return Math.round(255 + share * (channel - 255));
}

function diverging(value) {
  const share = Math.abs(value);
  return value < 0 ? `rgb(${white(share, 33)}, ${white(share, 102)}, ${white(share, 172)})`
    : `rgb(${white(share, 178)}, ${white(share, 24)}, ${white(share, 43)})`;
}

function drawBars(list, reader, step, temperature) {
  const p = reader.probabilities(step.logits, temperature);
  const order = p.map((_, id) => id).sort((a, b) => p[b] - p[a]).slice(0, BARS);
  list.replaceChildren(...order.map((id) => {
    const item = document.createElement("li"), bar = document.createElement("span");
    bar.style.width = `${70 * p[id]}%`;
    item.append(`${spoken(reader.tokens[id])} `, bar, ` ${p[id].toFixed(3)}`);
    return item;
  }));
}

function spoken(character) {
  return { " ": "space", "\n": "line end" }[character] ?? character;
}

for (const box of document.querySelectorAll(".reader")) watch(box);
