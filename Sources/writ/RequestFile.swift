// Requests from files.

import Authorization
import Bytes
import Receipts
import Runtime
import Service

/// Reads requests and their times from the command line.
enum RequestFile {
    /// Reads a request from a file, or from standard input for `-`.
    static func read(_ path: String) throws -> Request {
        let bytes = try Terminal.read(path, bytesMax: RequestLimits.bytesMax)
        do throws(RequestError) {
            return try Request(parsing: bytes)
        } catch {
            let name = path == "-" ? "standard input" : "`\(path)`"
            guard case .json(let json) = error else { throw CommandFailure("\(name) is not a request: \(error)") }
            let place = json.lineAndColumn(in: bytes)
            throw CommandFailure(
                "\(name) is not a request: line \(place.line), column \(place.column): \(json.reasonText)"
            )
        }
    }

    /// The clock that `--now` gives, else the machine's.
    static func instant(_ arguments: ParsedArguments) throws(ArgumentError) -> Int64 {
        guard let text = arguments.value("--now") else { return SystemTime().wallMilliseconds() }
        guard let time = StatementTime.milliseconds(Text(text)) else {
            throw .invalidValue(flag: "--now", value: text, expected: "a time as 2026-11-20T12:31:04.113Z")
        }
        return time
    }
}
