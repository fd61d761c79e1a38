// Opens series of a study in OHIF, one after the other, and prints as JSON what a person would see.
//
// node ohif_driver.js '{"dist", "orthancPort", "playwright", "chromium", "study", "views": [
//     {"series", "segmentation", "text", "points": [[row, column]], "screenshot"}]}'
// -> [{"text": the page's text, "places": [[x, y] of each point on the screenshot, or null where it
//      is cut off or near the upper and lower edge, which bear the viewer's own text]}]
// `series` is the description to double-click, `segmentation` whether OHIF asks before it opens
// it, `text` what must appear; with `points` the driver waits until one of them is not grey.
const scenario = JSON.parse(process.argv[2]);
const { chromium } = require(scenario.playwright);
const { serve } = require('./ohif_server.js');

// Software rendering: a machine that runs tests has no GPU.
const FLAGS = ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist', '--disable-dev-shm-usage'];
const PATIENCE = 180000;

// Where source pixels lie on the screen, asked of the viewport itself; runs in the page.
function places(points) {
  const [viewport] = window.cornerstone.getRenderingEngines()[0].getViewports();
  const image = viewport.getImageData().imageData;
  const frame = viewport.canvas.getBoundingClientRect();
  return points.map(([row, column]) => {
    const [x, y] = viewport.worldToCanvas(image.indexToWorld([column, row, 0]));
    const isClear = x > 3 && x < frame.width - 3 && y > frame.height / 8 && y < frame.height * 7 / 8;
    return isClear ? [frame.left + x, frame.top + y] : null;
  });
}

// Whether any of the points shows a colour; runs in the page.
function isColoured(points) {
  const [viewport] = window.cornerstone.getRenderingEngines()[0].getViewports();
  const image = viewport.getImageData()?.imageData;
  if (!image) return false;
  const { canvas } = viewport;
  const ratio = canvas.width / canvas.clientWidth;
  return points.some(([row, column]) => {
    const [x, y] = viewport.worldToCanvas(image.indexToWorld([column, row, 0]));
    const pixel = canvas.getContext('2d').getImageData(x * ratio, y * ratio, 1, 1).data.slice(0, 3);
    return Math.max(...pixel) - Math.min(...pixel) > 20;
  });
}

async function open(page, url) {
  // The guided tour of a first visit would cover everything, at a moment of its own choice.
  await page.addInitScript(() => localStorage.setItem('shownTours', '["basicViewerTour"]'));
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await page.locator('canvas').first().waitFor();
  tell('the first image is shown');
}

async function openSeries(page, description) {
  await page.getByText(description, { exact: true }).first().dblclick();
}

async function openSegmentation(page) {
  await page.getByText('Do you want to open this Segmentation?').first().waitFor();
  await page.getByText('Yes', { exact: true }).first().click();
  await page.locator('[data-cy^="panelSegmentation"]').first().click();
}

// To stderr, for the message of a failing test.
const began = Date.now();
const tell = (what) => console.error(`${((Date.now() - began) / 1000).toFixed(0)} s: ${what}`);

async function show(page, view) {
  await openSeries(page, view.series);
  tell(`asked for ${view.series}`);
  if (view.segmentation) await openSegmentation(page);
  if (view.text) await page.getByText(view.text).first().waitFor();
  const points = view.points || [];
  if (points.length) await page.waitForFunction(isColoured, points, { timeout: PATIENCE, polling: 500 });
  await page.screenshot({ path: view.screenshot });
  tell('it is shown');
  const text = await page.evaluate(() => document.body.innerText);
  return { text, places: points.length ? await page.evaluate(places, points) : [] };
}

async function explain(page, error) {
  await page.screenshot({ path: scenario.views[0].screenshot }).catch(() => {});
  const text = await page.evaluate(() => document.body.innerText).catch(() => '');
  console.error(`${error}\nThe page said: ${text}`);
}

(async () => {
  const server = await serve(scenario.dist, scenario.orthancPort);
  const browser = await chromium.launch({ executablePath: scenario.chromium, args: FLAGS });
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  page.setDefaultTimeout(PATIENCE);
  const seen = [];
  try {
    await open(page, `http://127.0.0.1:${server.address().port}/viewer?StudyInstanceUIDs=${scenario.study}`);
    for (const view of scenario.views) seen.push(await show(page, view));
    console.log(JSON.stringify(seen));
  } catch (error) {
    await explain(page, error);
    process.exitCode = 1;
  } finally {
    await browser.close();
    server.close();
  }
})();
