// An unsigned bundle from a directory: the development source.

import Bytes
package import StrictPolicy

/// A bundle that was read from a directory, with its tests.
package struct DirectoryBundle: Sendable {
    /// The compiled bundle: version 0, source `directory`.
    package let bundle: PolicyBundle
    /// The files with tests, ascending by path.
    package let testFiles: [SourceFile]

    /// Reads and compiles a policy directory (docs/reference/policies.md).
    ///
    /// Blocks on the file system. Test files are part of the digest, but are read by ``runTests()`` only.
    ///
    /// - Parameter path: The directory, absolute or relative to the working directory.
    /// - Returns: The bundle and its tests.
    /// - Throws: ``StrictPolicy/PolicyProblems`` with everything that is wrong; the caller keeps what it has.
    package static func load(_ path: String) throws(PolicyProblems) -> DirectoryBundle {
        var reader = DirectoryReader()
        reader.read(path)
        // Files that could not be read would show as missing ones, too.
        if let problems = PolicyProblems(reader.problems) { throw problems }
        let layout = DirectoryLayout(files: reader.files, folders: reader.folders)
        guard let sources = layout.sources else {
            throw PolicyProblems(layout.problems) ?? PolicyProblems(PolicyProblem(.missingFile, file: ".", "no bundle"))
        }
        let compiled: PolicyBundle
        do throws(PolicyProblems) {
            compiled = try PolicyBundle.compile(sources, digest: TreeDigest.digest(of: reader.files))
        } catch {
            throw PolicyProblems(layout.problems + error.problems) ?? error
        }
        if let problems = PolicyProblems(layout.problems) { throw problems }
        return DirectoryBundle(bundle: compiled, testFiles: layout.tests)
    }
}
