import Bytes
import HTTP
import Testing

@Suite("Path segments")
struct PathSegmentsTests {
    @Test(
        "is read once",
        arguments: [
            ("/", [""]), ("/a", ["a"]), ("/a/", ["a", ""]), ("/a/b%20c", ["a", "b c"]), ("/%C3%A9", ["é"]),
            ("/100%25", ["100%"]), ("/...", ["..."]), ("/.a", [".a"]),
        ]
    )
    func plainPathIsDecodedOnce(path: String, segments: [String]) throws {
        #expect(try PathSegments.parse(Array(path.utf8)).map(\.string) == segments)
    }

    @Test(
        "is refused",
        arguments: [
            ("", PathError.notAbsolute), ("a", .notAbsolute), ("//a", .emptySegment), ("/a//b", .emptySegment),
            ("/.", .dotSegment), ("/a/..", .dotSegment), ("/%2e%2E/a", .dotSegment), ("/a/%2e", .dotSegment),
            ("/a%2fb", .ambiguousByte), ("/a%5Cb", .ambiguousByte), ("/a;b", .ambiguousByte), ("/%00", .ambiguousByte),
            ("/%0d%0a", .ambiguousByte), ("/%7f", .ambiguousByte), ("/%252e", .doubleEncoding),
            ("/%2541", .doubleEncoding), ("/%ff", .notUTF8), ("/%c0%ae", .notUTF8), ("/%", .malformedPercentEncoding),
            ("/%4", .malformedPercentEncoding), ("/%g1", .malformedPercentEncoding),
        ]
    )
    func pathWithTwoReadingsIsRefused(path: String, error: PathError) {
        #expect(throws: error) { try PathSegments.parse(Array(path.utf8)) }
    }

    @Test func segmentsAreCounted() throws {
        for (count, fits) in [(63, true), (64, true), (65, false)] {
            let path = Array(String(repeating: "/a", count: count).utf8)
            #expect(((try? PathSegments.parse(path)) != nil) == fits)
        }
    }
}
