internal import CSystem

/// A call of the operating system that failed: what was attempted, on what, and why.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was attempted, as a verb phrase such as `open`.
    package let operation: String
    /// The path or name that it was attempted on; empty if there is none.
    package let subject: String
    /// The error number.
    package let number: Int32

    /// Makes an error from parts.
    package init(_ operation: String, subject: String = "", number: Int32) {
        self.operation = operation
        self.subject = subject
        self.number = number
    }

    /// Takes the number from `errno`, so it MUST be made directly after the call that failed.
    static func last(_ operation: String, _ subject: String = "") -> SystemError {
        SystemError(operation, subject: subject, number: writ_errno())
    }

    /// The symbolic name of the number, such as `ENOENT`.
    package var name: String {
        guard let name = unsafe writ_errno_name(number) else {
            return "E\(number)"
        }
        return unsafe String(cString: name)
    }

    /// What the number means in words, such as `no such file or directory`.
    package var words: String {
        guard let words = unsafe writ_errno_words(number) else {
            return "error \(number)"
        }
        return unsafe String(cString: words).lowercased()
    }

    /// One line: `cannot open "/a/b": no such file or directory`, with the subject in backticks.
    package var description: String {
        subject.isEmpty ? "cannot \(operation): \(words)" : "cannot \(operation) `\(subject)`: \(words)"
    }
}
