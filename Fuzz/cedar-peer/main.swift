// The library's side of the differential test: reads a world a line, answers each with a line of JSON.
// `scripts/cedar-differential` runs it beside the reference engine.

while let line = readLine() {
    let answer = try World(line).answer()
    print(String(decoding: answer, as: UTF8.self))
}
