// measure.cjs RESOURCE.json EXPRESSION MILLISECONDS: compiles the expression once, for R4, and prints nanoseconds an evaluation and
// how many items it gives.
const fs = require('fs');
const fhirpath = require('fhirpath');
const r4 = require('fhirpath/fhir-context/r4');

const [file, expression, milliseconds] = process.argv.slice(2);
const resource = JSON.parse(fs.readFileSync(file, 'utf8'));
const evaluate = fhirpath.compile(expression, r4);
const count = evaluate(resource).length;

function run(limit) {
  const begin = process.hrtime.bigint();
  let rounds = 0;
  let elapsed = 0n;
  while (elapsed < limit) {
    for (let i = 0; i < 20; ++i) evaluate(resource);
    rounds += 20;
    elapsed = process.hrtime.bigint() - begin;
  }
  return Number(elapsed) / rounds;
}

const limit = BigInt(milliseconds) * 1000000n;
run(limit / 2n);  // until it is compiled
console.log(run(limit).toFixed(1), count);
