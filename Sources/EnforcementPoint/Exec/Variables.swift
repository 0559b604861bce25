// What a command gets of the gateway's surroundings.

import Bytes
import Glibc
import Runtime

/// One variable of an environment.
package struct Variable: Hashable, Sendable {
    /// Its name.
    package let name: String
    /// Its value.
    package let value: String
}

/// The environment and the working directory of this process.
enum Variables {
    /// Where programs are looked for when `PATH` is not set.
    static let searchPathDefault = "/usr/local/bin:/usr/bin:/bin"

    /// The variables of these names that are set, in ascending order of names.
    static func granted(_ names: [String]?) throws(UsageError) -> [Variable] {
        let names = names ?? ExecOptions.environmentDefault
        guard names.count <= EnforcementLimits.environmentNamesMax else {
            throw UsageError("more than \(EnforcementLimits.environmentNamesMax) variables")
        }
        var variables: [Variable] = []
        for name in Set(names.map { Text($0) }).sorted() {
            let isName = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "=") }
            guard !name.isEmpty, isName else { throw UsageError("`\(name)` is not the name of a variable") }
            guard name.string != GateAddress.tokenVariable else {
                throw UsageError("`\(name)` holds the gateway's own credential")
            }
            guard let value = value(name.string) else { continue }
            variables.append(Variable(name: name.string, value: value))
        }
        return variables
    }

    /// The value of a variable; nil if it is not set or not UTF-8.
    static func value(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(validatingCString: value)
    }

    /// The working directory.
    static func directory() throws(ProgramError) -> Text {
        guard let path = unsafe getcwd(nil, 0) else {
            throw .system(SystemError("find the working directory", number: errno))
        }
        defer { unsafe free(path) }
        guard let text = unsafe String(validatingCString: path) else { throw .notText("the working directory") }
        return Text(text)
    }
}

/// Words to a person.
package enum Console {
    /// Writes one line to standard error.
    package static let say: @Sendable (_ line: String) -> Void = { line in
        let bytes = Array((line + "\n").utf8)
        // Nobody is there to be told that telling failed.
        _ = unsafe bytes.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
    }
}
