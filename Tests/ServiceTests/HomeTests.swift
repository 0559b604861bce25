import Authorization
import Bundles
import Bytes
import Foundation
import Runtime
import Service
import StrictPolicy
import Testing

@Suite struct HomeTests {
    private func folder() -> Home { Home("/tmp/writ-home-\(UUID().uuidString.prefix(8))", workingDirectory: "/") }

    private func make(_ home: Home, origin: String? = "test/1") throws {
        _ = try HomeMaker(home, origin: origin, operatorUserID: 7).make()
    }

    @Test func aNewHomeIsWholeAndItsOwners() throws {
        let home = folder()
        defer { try? FileManager.default.removeItem(atPath: home.path) }
        try make(home)
        let configuration = try Configuration(home: home)
        #expect(configuration.origin == "test/1")
        #expect(configuration.operators == [7])
        #expect(throws: Never.self) { try KeyFiles.logKey(at: home.logKeyPath, origin: "test/1") }
        #expect(throws: Never.self) { try KeyFiles.claimKeys(at: home.claimsKeyPath) }
        let tests = try DirectoryBundle.load(home.policiesDirectory).runTests()
        #expect(tests.isPassed)
        #expect(tests.policiesNeverDecisive == [])
        #expect(tests.actionsNeverTested == [])
        for path in [home.path, home.keysDirectory] {
            #expect(try Files.status(of: path).permissions & 0o777 == 0o700)
        }
    }

    @Test func nothingIsOverwritten() throws {
        let home = folder()
        defer { try? FileManager.default.removeItem(atPath: home.path) }
        try make(home)
        let key = try Files.read(home.logKeyPath, bytesMax: 4_096)
        #expect(throws: HomeError.self) { try make(home) }
        #expect(try Files.read(home.logKeyPath, bytesMax: 4_096) == key)
    }

    @Test(arguments: ["", "a b", "a+b", String(repeating: "a", count: 256)])
    func anOriginIsTheNameOfAKey(origin: String) {
        #expect(throws: HomeError.self) { try HomeMaker(folder(), origin: origin, operatorUserID: 0) }
    }

    @Test func withoutAnOriginOneIsMadeUpThatNobodyElseHas() throws {
        let (first, second) = (folder(), folder())
        defer { for home in [first, second] { try? FileManager.default.removeItem(atPath: home.path) } }
        try make(first, origin: nil)
        try make(second, origin: nil)
        #expect(try Configuration(home: first).origin != Configuration(home: second).origin)
    }

    /// A key that others could read or replace, or that is not the one, is not used.
    @Test(arguments: [0o604, 0o640, 0o660, 0o644, 0o606])
    func aKeyThatOthersCanReachIsRefused(mode: Int) throws {
        let home = folder()
        defer { try? FileManager.default.removeItem(atPath: home.path) }
        try make(home)
        unsafe chmod(home.logKeyPath, mode_t(mode))
        #expect(throws: KeyFileError.self) { try KeyFiles.logKey(at: home.logKeyPath, origin: "test/1") }
        unsafe chmod(home.logKeyPath, 0o600)
        unsafe chmod(home.keysDirectory, 0o777)
        #expect(throws: KeyFileError.self) { try KeyFiles.logKey(at: home.logKeyPath, origin: "test/1") }
        unsafe chmod(home.keysDirectory, 0o700)
        #expect(throws: Never.self) { try KeyFiles.logKey(at: home.logKeyPath, origin: "test/1") }
        #expect(throws: KeyFileError.self) { try KeyFiles.logKey(at: home.logKeyPath, origin: "test/2") }
        #expect(throws: KeyFileError.self) { try KeyFiles.logKey(at: home.claimsKeyPath, origin: "test/1") }
        #expect(throws: KeyFileError.self) { try KeyFiles.claimKeys(at: home.logKeyPath) }
        #expect(throws: KeyFileError.self) { try KeyFiles.claimKeys(at: "\(home.path)/nowhere") }
    }

    @Test func aConfigurationThatOthersCanChangeIsRefused() throws {
        let home = folder()
        defer { try? FileManager.default.removeItem(atPath: home.path) }
        try make(home)
        let configuration = try Configuration(home: home)
        for mode in [0o600, 0o644, 0o755] as [mode_t] {
            unsafe chmod(home.configurationPath, mode)
            #expect(throws: Never.self) { try configuration.checkAccess() }
        }
        for mode in [0o620, 0o602, 0o666] as [mode_t] {
            unsafe chmod(home.configurationPath, mode)
            #expect(throws: ConfigurationError.self) { try configuration.checkAccess() }
        }
        unsafe chmod(home.configurationPath, 0o600)
        for mode in [0o770, 0o707] as [mode_t] {
            unsafe chmod(home.path, mode)
            #expect(throws: ConfigurationError.self) { try configuration.checkAccess() }
        }
        unsafe chmod(home.path, 0o755)
        #expect(throws: Never.self) { try configuration.checkAccess() }
    }

    @Test func theExampleRequestIsPermitted() throws {
        let home = folder()
        defer { try? FileManager.default.removeItem(atPath: home.path) }
        try make(home)
        let request = try Request(parsing: Files.read(home.exampleRequestPath, bytesMax: RequestLimits.bytesMax))
        let bundle = try DirectoryBundle.load(home.policiesDirectory).bundle
        #expect(rule(request, Facts.undisturbed(request, at: PolicyTest.instantDefault), bundle).outcome == .permit)
    }

    @Test func aLinkToAKeyIsNoKey() throws {
        let home = folder()
        defer { try? FileManager.default.removeItem(atPath: home.path) }
        try make(home)
        let link = "\(home.keysDirectory)/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: home.claimsKeyPath)
        #expect(throws: KeyFileError.self) { try KeyFiles.claimKeys(at: link) }
    }

    @Test func whereTheHomeIs() {
        func home(_ variables: [String: String]) -> String? {
            Home.standard({ variables[$0] }, workingDirectory: "/work")?.path
        }
        #expect(home(["WRIT_HOME": "/srv/gate/", "HOME": "/root"]) == "/srv/gate")
        #expect(home(["WRIT_HOME": "gate"]) == "/work/gate")
        #expect(home(["WRIT_HOME": "", "HOME": "/root"]) == "/root/.local/share/writ")
        #expect(home([:]) == nil)
    }

    @Test func theDoctorFindsWhatIsWrong() throws {
        let home = folder()
        defer { try? FileManager.default.removeItem(atPath: home.path) }
        func failures() -> [String] { Doctor(home).examine().filter { $0.level == .failure }.map(\.subject) }
        #expect(failures() == ["configuration"])
        try make(home)
        #expect(failures() == [])
        #expect(Doctor(home).examine().contains { $0.subject == "signatures" && $0.level == .warning })
        unsafe chmod(home.claimsKeyPath, 0o644)
        #expect(failures() == ["claims key"])
        unsafe chmod(home.claimsKeyPath, 0o600)
        unsafe chmod(home.policiesDirectory, 0o777)
        #expect(failures() == ["policies"])
        unsafe chmod(home.policiesDirectory, 0o755)
        unsafe chmod(home.configurationPath, 0o620)
        #expect(failures() == ["writ.json"])
        unsafe chmod(home.configurationPath, 0o600)
        try Files.create("\(home.policiesDirectory)/stray.txt", with: [])
        #expect(failures() == ["bundle"])
        try Files.remove("\(home.policiesDirectory)/stray.txt")
        try FileManager.default.removeItem(atPath: home.logDirectory)
        #expect(failures() == ["log", "disk"])
    }
}
