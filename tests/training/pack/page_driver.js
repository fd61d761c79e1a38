// Opens a page and prints as JSON what a person and the browser's console would see of it.
//
// node page_driver.js '{"playwright", "chromium", "page"}'
// -> {"text", "errors", "requests", "pictures", "brokenPictures", "emptyCharts"}
const scenario = JSON.parse(process.argv[2]);
const { chromium } = require(scenario.playwright);

// Runs in the page.
function look() {
  const pictures = [...document.images];
  const charts = [...document.querySelectorAll('svg')];
  return {
    text: document.body.innerText,
    pictures: pictures.length,
    brokenPictures: pictures.filter((picture) => picture.naturalWidth === 0).length,
    emptyCharts: charts.filter((chart) => chart.getBoundingClientRect().width === 0).length,
  };
}

(async () => {
  const flags = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
  const browser = await chromium.launch({ executablePath: scenario.chromium, args: flags });
  const page = await browser.newPage();
  const errors = [];
  const requests = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  page.on('request', (request) => { if (!request.url().startsWith('data:')) requests.push(request.url()); });
  await page.goto(scenario.page, { waitUntil: 'load' });
  console.log(JSON.stringify({ ...(await page.evaluate(look)), errors, requests }));
  if (scenario.screenshot) await page.screenshot({ path: scenario.screenshot, fullPage: true });
  await browser.close();
})().catch((error) => { console.error(error); process.exitCode = 1; });
