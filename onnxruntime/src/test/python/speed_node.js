// The partner of speed.py from JavaScript, of the runtime's version that the Java artifact has:
//
//     NODE_PATH=FOLDER/node_modules node speed_node.js MODEL BATCH SIDE LAYOUT
//
// For each number that it reads it runs the model so often, and says how many seconds its process computed.
const ort = require('onnxruntime-node');
const readline = require('readline');

async function main(file, batch, side, layout) {
  const session = await ort.InferenceSession.create(file, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const shape = layout === 'nhwc' ? [batch, side, side, 3] : [batch, 3, side, side];
  const images = new ort.Tensor('float32', new Float32Array(batch * 3 * side * side).map(() => Math.random() * 2 - 1), shape);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const start = process.cpuUsage();
    for (let i = Number(line); i > 0; i--) {
      await session.run({ [session.inputNames[0]]: images });
    }
    const used = process.cpuUsage(start);
    console.log((used.user + used.system) / 1e6);
  }
}

main(process.argv[2], Number(process.argv[3]), Number(process.argv[4]), process.argv[5]);
