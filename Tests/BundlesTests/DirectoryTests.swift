import Bundles
import Bytes
import Foundation
import StrictPolicy
import Testing

@Suite struct DirectoryTests {
    /// What a directory is refused for: file and code; nothing if it loads.
    private func problems(_ change: (TemporaryDirectory) throws -> Void) throws -> [String] {
        let directory = try TemporaryDirectory.withBundle()
        try change(directory)
        do throws(PolicyProblems) {
            _ = try DirectoryBundle.load(directory.path)
            return []
        } catch {
            return error.problems.map { "\($0.file) \($0.code.rawValue)" }
        }
    }

    @Test func directoryLoads() throws {
        let directory = try TemporaryDirectory.withBundle()
        let loaded = try DirectoryBundle.load(directory.path)
        #expect(loaded.bundle.identity.name == "demo" && loaded.bundle.identity.version == 0)
        #expect(loaded.bundle.identity.source == "directory")
        #expect(
            loaded.bundle.policies.map(\.name) == ["common/frozen", "platform/bulk", "platform/late", "platform/list"]
        )
        #expect(loaded.testFiles.map(\.path) == ["surfaces/platform/tests/t.json"])
    }

    @Test func optionalFilesMayBeAbsent() throws {
        let found = try problems {
            try $0.remove("common")
            try $0.remove("entities")
            try $0.remove("surfaces/platform/tests")
        }
        #expect(found.isEmpty)
        #expect(try problems { try $0.remove("surfaces/platform/b.cedar") }.isEmpty)
    }

    @Test(arguments: [
        "bundle.json", "common.cedarschema", "surfaces/platform/surface.json", "surfaces/platform/schema.cedarschema",
    ])
    func requiredFileThatIsMissingIsNamed(_ path: String) throws {
        #expect(try problems { try $0.remove(path) } == ["\(path) missing_file"])
    }

    @Test func surfaceWithoutPoliciesIsRefused() throws {
        let found = try problems {
            try $0.remove("surfaces/platform/a.cedar")
            try $0.remove("surfaces/platform/b.cedar")
        }
        #expect(found == ["surfaces/platform missing_file"])
        #expect(try problems { try $0.remove("surfaces") } == ["surfaces missing_file"])
    }

    @Test(arguments: [
        "README.md", ".git", "bundle.json~", "common/readme.txt", "common/.cedar", "common/.hidden.cedar",
        "common/all.cedar.bak", "entities/x.JSON", "entities/x.cedar", "surfaces/stray.json",
        "surfaces/platform/notes.md",
        "surfaces/platform/.a.cedar.swp", "surfaces/platform/tests/t.txt", "surfaces/platform/policies.CEDAR",
    ])
    func unknownFileIsRefusedByName(_ path: String) throws {
        #expect(try problems { try $0.write("", to: path) } == ["\(path) unknown_file"])
    }

    @Test(arguments: ["other", "common/sub", "entities/sub", "surfaces/platform/more", "surfaces/platform/tests/sub"])
    func unknownFolderIsRefusedByName(_ path: String) throws {
        let found = try problems {
            let folder = $0.url.appending(path: path)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        #expect(found == ["\(path) unknown_file"])
    }

    @Test func emptySurfaceFolderIsRefused() throws {
        let found = try problems {
            let folder = $0.url.appending(path: "surfaces/empty")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        #expect(
            found == ["surfaces/empty/schema.cedarschema missing_file", "surfaces/empty/surface.json missing_file"]
        )
    }

    @Test func linksAreRefusedEverywhere() throws {
        // A file, a folder, a link to nowhere, and a link to a file of the same tree.
        #expect(try problems { try $0.link("common/x.cedar", to: "/etc/hostname") } == ["common/x.cedar not_regular"])
        #expect(try problems { try $0.link("surfaces/other", to: "/etc") } == ["surfaces/other not_regular"])
        #expect(try problems { try $0.link("common/x.cedar", to: "/nowhere") } == ["common/x.cedar not_regular"])
        #expect(try problems { try $0.link("common/x.cedar", to: "all.cedar") } == ["common/x.cedar not_regular"])
        let replaced = try problems {
            try $0.remove("bundle.json")
            try $0.link("bundle.json", to: "/etc/hostname")
        }
        #expect(replaced == ["bundle.json not_regular"])
    }

    @Test func rootMayBeALink() throws {
        let directory = try TemporaryDirectory.withBundle()
        let other = try TemporaryDirectory()
        try other.link("policies", to: directory.path)
        #expect(throws: Never.self) { try DirectoryBundle.load(other.url.appending(path: "policies").path) }
    }

    @Test func pipeIsRefusedWithoutWaiting() throws {
        let found = try problems { directory in
            let status = unsafe mkfifo(directory.url.appending(path: "common/x.cedar").path, 0o600)
            #expect(status == 0)
        }
        #expect(found == ["common/x.cedar not_regular"])
    }

    @Test func missingDirectoryIsAProblem() {
        #expect(throws: PolicyProblems.self) { try DirectoryBundle.load("/nowhere/at/all") }
        #expect(throws: PolicyProblems.self) { try DirectoryBundle.load("/etc/hostname") }
    }

    @Test func nameThatIsNotUTF8IsRefused() throws {
        let found = try problems { directory in
            let folder = Array(directory.url.appending(path: "common").path.utf8) + [UInt8(ascii: "/")]
            let path = (folder + [0xFF] + Array(".cedar".utf8) + [0]).map { CChar(bitPattern: $0) }
            let descriptor = unsafe open(path, O_CREAT | O_WRONLY, 0o600)
            #expect(descriptor >= 0)
            close(descriptor)
        }
        #expect(found == ["common unknown_file"])
    }

    // Files with tests are not parsed when a directory is loaded, so that these are quick.

    @Test func filesAreBoundedTogether() throws {
        let used = TemporaryDirectory.bundle.values.reduce(0) { $0 + $1.utf8.count }
        func load(_ bytes: Int) throws -> [String] {
            let filler = String(repeating: " ", count: bytes - used)
            return try problems { try $0.write(filler, to: "surfaces/platform/tests/filler.json") }
        }
        #expect(try load(BundleLimits.bytesMax - 1).isEmpty)
        #expect(try load(BundleLimits.bytesMax).isEmpty)
        #expect(try load(BundleLimits.bytesMax + 1) == [". limit"])
    }

    @Test func filesAreCounted() throws {
        let directory = try TemporaryDirectory.withBundle()
        for index in TemporaryDirectory.bundle.count..<BundleLimits.filesMax {
            try directory.write("", to: "surfaces/platform/tests/\(index).json")
        }
        #expect(throws: Never.self) { try DirectoryBundle.load(directory.path) }
        try directory.write("", to: "surfaces/platform/tests/more.json")
        #expect(throws: PolicyProblems.self) { try DirectoryBundle.load(directory.path) }
        try directory.remove("surfaces/platform/tests/more.json")
        #expect(throws: Never.self) { try DirectoryBundle.load(directory.path) }
    }

    @Test func allProblemsAreReportedTogether() throws {
        let found = try problems {
            try $0.write("", to: "notes.txt")
            try $0.write("@id(\"x\") @limit(\"1\") permit (principal, action, resource);", to: "common/x.cedar")
        }
        #expect(found == ["common/x.cedar unsupported_annotation", "notes.txt unknown_file"])
    }
}

@Suite struct TreeDigestTests {
    private func file(_ path: Text, _ text: String) -> SourceFile { SourceFile(path: path, bytes: Array(text.utf8)) }

    @Test func digestIsThatOfTheFormatsTestVector() {
        let files = [file("common/a.cedar", ""), file("bundle.json", #"{"name":"demo"}"#)]
        let manifest = """
            [{"path":"bundle.json",\
            "sha256":"d7d234f759ec34fd6298b7e32318614760070aaef9f4e92ced928324b49a0602","size":15},\
            {"path":"common/a.cedar",\
            "sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0}]
            """
        #expect(String(decoding: TreeDigest.manifest(of: files), as: UTF8.self) == manifest)
        #expect(TreeDigest.digest(of: files).hex == "797613482cae72d65c2afd31d9c35fc805fe0194de832d8b6fb625b4d42dc3cf")
    }

    @Test func manifestIsCanonical() throws {
        let files = [file("é", "1"), file("b\"c", "2"), file("a/b", "3"), file("a", "4")]
        let manifest = TreeDigest.manifest(of: files)
        #expect(CanonicalJSON.encode(try JSONValue(parsing: manifest)) == manifest)
    }

    @Test func sameTreeHasTheSameDigestAnywhere() throws {
        let left = try TemporaryDirectory.withBundle()
        let right = try TemporaryDirectory.withBundle()
        try right.write(TemporaryDirectory.bundle["bundle.json"] ?? "", to: "bundle.json")
        let digests = try [left, right].map { try DirectoryBundle.load($0.path).bundle.identity.digest }
        #expect(digests[0] == digests[1])
    }

    /// A byte of any file, a moved file and a removed file: each gives another digest.
    @Test(arguments: TemporaryDirectory.bundle.keys.sorted())
    func everyFileIsPartOfTheDigest(_ path: String) throws {
        let directory = try TemporaryDirectory.withBundle()
        let before = try DirectoryBundle.load(directory.path).bundle.identity.digest
        try directory.write((TemporaryDirectory.bundle[path] ?? "") + "\n", to: path)
        #expect(try DirectoryBundle.load(directory.path).bundle.identity.digest != before)
    }

    @Test func pathIsPartOfTheDigest() throws {
        let directory = try TemporaryDirectory.withBundle()
        let before = try DirectoryBundle.load(directory.path).bundle.identity.digest
        try directory.remove("surfaces/platform/a.cedar")
        try directory.write(
            TemporaryDirectory.bundle["surfaces/platform/a.cedar"] ?? "",
            to: "surfaces/platform/c.cedar"
        )
        #expect(try DirectoryBundle.load(directory.path).bundle.identity.digest != before)
    }
}
