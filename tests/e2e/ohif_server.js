// The built viewer and Orthanc's DICOMweb on one origin, so that no browser rule stands between them.
const fs = require('fs');
const http = require('http');
const path = require('path');

const TYPES = {
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm',
  '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png', '.woff2': 'font/woff2',
};
// SharedArrayBuffer, which the viewer's codecs use, needs an isolated page.
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cache-control': 'no-store',
};
const CONFIGURATION = {
  routerBasename: '/', extensions: [], modes: [], customizationService: {}, showStudyList: true,
  maxNumberOfWebWorkers: 2, showLoadingIndicator: true, strictZSpacingForVolumeViewport: true,
  investigationalUseDialog: { option: 'never' }, defaultDataSourceName: 'orthanc',
  dataSources: [{
    namespace: '@ohif/extension-default.dataSourcesModule.dicomweb', sourceName: 'orthanc',
    configuration: {
      friendlyName: 'Orthanc', name: 'orthanc', wadoUriRoot: '/wado', qidoRoot: '/dicom-web',
      wadoRoot: '/dicom-web', qidoSupportsIncludeField: true, imageRendering: 'wadors',
      thumbnailRendering: 'wadors', enableStudyLazyLoad: true, singlepart: 'bulkdata,video,pdf',
      omitQuotationForMultipartRequest: true, bulkDataURI: { enabled: true },
    },
  }],
};

function proxy(request, response, orthancPort) {
  const host = `127.0.0.1:${orthancPort}`;
  const onward = http.request(
    { host: '127.0.0.1', port: orthancPort, path: request.url, method: request.method,
      headers: { ...request.headers, host } },
    (answer) => { response.writeHead(answer.statusCode, answer.headers); answer.pipe(response); });
  onward.on('error', (error) => { response.writeHead(502); response.end(String(error)); });
  request.pipe(onward);
}

function sendFile(response, dist, name) {
  let file = path.join(dist, name);
  if (!fs.existsSync(file) || fs.statSync(file).isDirectory()) file = path.join(dist, 'index.html');
  const type = TYPES[path.extname(file)] || 'application/octet-stream';
  response.writeHead(200, { 'content-type': type, ...ISOLATED });
  fs.createReadStream(file).pipe(response);
}

function sendScript(response, text) {
  response.writeHead(200, { 'content-type': 'text/javascript', ...ISOLATED });
  response.end(text);
}

// Serve on a free port of 127.0.0.1; resolves to the server.
exports.serve = (dist, orthancPort) => new Promise((resolve) => {
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(request.url.split('?')[0]);
    if (/^[/](dicom-web|wado)/.test(name)) proxy(request, response, orthancPort);
    else if (name === '/app-config.js') sendScript(response, `window.config=${JSON.stringify(CONFIGURATION)};`);
    else if (name === '/init-service-worker.js') sendScript(response, '');
    else sendFile(response, dist, name);
  });
  server.listen(0, '127.0.0.1', () => resolve(server));
});
