'use strict'
// The CommonJS entry; `index.mjs` hands out the same objects, so that `instanceof` holds across both.
module.exports = require('./dist/index.js')
