import Authorization
import Bytes
import Cedar
import StrictPolicy
import Testing

/// The ways in which a `forbid` fails open under stock semantics, one test each.
///
/// Each has a `permit` of everything, and a `forbid` that is meant to stop the request. Stock Cedar allows it; here it
/// is stopped, or where no type can tell, at least named by the lint.
@Suite struct HazardTests {
    static let commonSchema = "entity Team; entity Agent in [Team];"
    static let schema = """
        namespace shell {
          entity Owner { trust: Long };
          entity Host { owner: Owner };
          action run appliesTo {
            principal: Agent, resource: Host,
            context: { cmd: String, amount: Long, limit?: Long, address?: String }
          };
        }
        """
    static let entities = """
        [
          {"uid": {"type": "Agent", "id": "bot"}, "attrs": {}, "parents": []},
          {"uid": {"type": "shell::Host", "id": "h"}, "attrs": {"owner": {"type": "shell::Owner", "id": "gone"}},
           "parents": []}
        ]
        """

    /// One hazard: the `forbid`, and the context of the request that it means to stop.
    struct Hazard {
        let forbid: String
        var context = #"{"cmd":"rm -rf /","amount":1}"#

        private var policies: String {
            "@id(\"all\") permit (principal, action, resource);\n@id(\"no\") \(forbid)"
        }

        private var sample: Sample {
            Sample(
                commonSchema: HazardTests.commonSchema,
                common: "",
                entities: HazardTests.entities,
                settings: #"{"mode":"enforce","audience":["g"],"namespace":"shell"}"#,
                schema: HazardTests.schema,
                policies: policies
            )
        }

        /// What Cedar says that knows no schema: the decision, and how many policies failed.
        func stock() throws -> String {
            let set = try PolicySet(parsing: Text(policies))
            let json = try JSONValue(parsing: Array(HazardTests.entities.utf8))
            guard
                case .record(let record) = try ValueDecoder().value(
                    JSONValue(parsing: Array(context.utf8), limits: .file)
                )
            else {
                return "no context"
            }
            let request = Cedar.Request(
                principal: try #require(EntityUID(#"Agent::"bot""#)),
                action: try #require(EntityUID(#"shell::Action::"run""#)),
                resource: try #require(EntityUID(#"shell::Host::"h""#)),
                context: record
            )
            let evaluation = Authorizer.evaluate(request, set, try Entities(json))
            return "\(evaluation.decision.rawValue) \(evaluation.failures.count)"
        }

        /// What becomes of the request here: the codes for which the bundle is refused, or the outcome and the cause.
        func strict() throws -> String {
            let bundle: PolicyBundle
            do throws(PolicyProblems) {
                bundle = try sample.compile()
            } catch {
                return "refused: \(error.problems.map(\.codeName).joined(separator: " "))"
            }
            guard
                let request = try? ask(
                    "run",
                    context,
                    actor: #"{"type":"Agent","id":"bot"}"#,
                    target: #"{"type":"Host","id":"h"}"#
                )
            else { return "no request" }
            let ruling = rule(request, facts(), bundle)
            return "\(ruling.outcome.rawValue) \(ruling.cause.rawValue)"
        }

        /// What the lint says of the `forbid`.
        func lint() throws -> [String] {
            try sample.compile().lint().filter { $0.line > 1 }.map(\.codeName)
        }
    }

    @Test func anOptionalAttributeWithoutAGuardIsRefused() throws {
        let hazard = Hazard(forbid: "forbid (principal, action, resource) when { context.limit < 100 };")
        #expect(try hazard.stock() == "allow 1")
        #expect(try hazard.strict() == "refused: unguarded_attribute")
        // Guarded, it is valid, and silent where the attribute is missing: the lint says so.
        let guarded = Hazard(
            forbid: "forbid (principal, action, resource) when { context has limit && context.limit < 100 };"
        )
        #expect(try guarded.lint() == ["optional_guard"])
        let turned = Hazard(
            forbid:
                "forbid (principal, action, resource) when { if context has limit then context.limit < 100 else true };"
        )
        #expect(try turned.strict() == "DENY forbidden")
        #expect(try turned.lint() == [])
    }

    @Test func membershipInASetOfTextsIsRefused() throws {
        let hazard = Hazard(forbid: #"forbid (principal, action, resource) when { context.cmd in ["rm -rf /"] };"#)
        #expect(try hazard.stock() == "allow 1")
        #expect(try hazard.strict().hasPrefix("refused: unexpected_type"))
        let meant = Hazard(
            forbid: #"forbid (principal, action, resource) when { ["rm -rf /"].contains(context.cmd) };"#
        )
        #expect(try meant.strict() == "DENY forbidden")
        #expect(try meant.lint() == ["free_text"])
    }

    @Test func confusedTypesAreRefused() throws {
        let hazard = Hazard(forbid: #"forbid (principal, action, resource) when { context.amount > "0" };"#)
        #expect(try hazard.stock() == "allow 1")
        #expect(try hazard.strict() == "refused: unexpected_type")
        let silent = Hazard(forbid: #"forbid (principal, action, resource) when { context.amount == "1" };"#)
        #expect(try silent.stock() == "allow 0")
        #expect(try silent.strict() == "refused: incompatible_types")
    }

    @Test func overflowIsSilenceAndNamed() throws {
        let hazard = Hazard(
            forbid: "forbid (principal, action, resource) when { context.amount + 1 > 100 };",
            context: #"{"cmd":"x","amount":9223372036854775807}"#
        )
        #expect(try hazard.stock() == "allow 1")
        // The gate reads no such number; but one that it reads can overflow, too.
        #expect(try hazard.strict() == "no request")
        #expect(try hazard.lint() == ["may_overflow"])
        let product = Hazard(
            forbid: "forbid (principal, action, resource) when { context.amount * 9223372036854775807 > 100 };",
            context: #"{"cmd":"x","amount":2}"#
        )
        #expect(try product.stock() == "allow 1")
        #expect(try product.strict() == "SILENCE policy_error")
        #expect(try product.lint() == ["may_overflow"])
    }

    @Test func aDanglingReferenceIsSilenceAndNamed() throws {
        let hazard = Hazard(forbid: "forbid (principal, action, resource) when { resource.owner.trust < 3 };")
        #expect(try hazard.stock() == "allow 1")
        #expect(try hazard.strict() == "SILENCE policy_error")
        #expect(try hazard.lint() == ["dangling_entity"])
    }

    @Test func anAddressMadeOfAnyTextIsRefused() throws {
        let hazard = Hazard(
            forbid: #"forbid (principal, action, resource) when { ip(context.cmd).isInRange(ip("10.0.0.0/8")) };"#
        )
        #expect(try hazard.stock() == "allow 1")
        #expect(try hazard.strict() == "refused: extension_of_non_literal")
    }

    @Test(arguments: [
        (
            #"forbid (principal == Agnet::"bot", action, resource);"#,
            "no_applicable_action always_false unknown_entity_type"
        ),
        (#"forbid (principal, action == shell::Action::"rnu", resource);"#, "unknown_action"),
        (#"forbid (principal, action, resource is shell::Hsot);"#, "unknown_entity_type"),
    ])
    func aMisspeltTypeOrActionIsRefused(forbid: String, codes: String) throws {
        let hazard = Hazard(forbid: forbid)
        #expect(try hazard.stock() == "allow 0")
        let strict = try hazard.strict()
        #expect(strict.hasPrefix("refused: "))
        #expect(strict.contains(codes.split(separator: " ").last ?? ""))
    }

    @Test func membershipThatNoDataSuppliesIsRefusedOrNamed() throws {
        // A group of an undeclared type, as where there is no schema.
        let undeclared = Hazard(forbid: #"forbid (principal in Group::"bad", action, resource);"#)
        #expect(try undeclared.stock() == "allow 0")
        #expect(try undeclared.strict().hasPrefix("refused: "))
        // A declared group may be empty today and be filled tomorrow; that it bites nobody is said.
        let empty = Hazard(forbid: #"forbid (principal in Team::"bad", action, resource);"#)
        #expect(try empty.stock() == "allow 0")
        #expect(try empty.lint() == ["unsupplied_group"])
        let turned = Hazard(forbid: #"forbid (principal, action, resource) unless { principal in Team::"good" };"#)
        #expect(try turned.strict() == "DENY forbidden")
        #expect(try turned.lint() == [])
    }

    @Test func aMisspeltGuardIsRefusedOrNamed() throws {
        let hazard = Hazard(
            forbid: "forbid (principal, action, resource) when { context has ammount && context.ammount > 0 };"
        )
        #expect(try hazard.stock() == "allow 0")
        #expect(try hazard.strict() == "refused: always_false")
        // Beside another condition it is not dead; the lint names what is meant.
        let beside = Hazard(
            forbid: """
                forbid (principal, action, resource)
                when { (context has ammount && context.ammount > 0) || context.amount > 1000 };
                """
        )
        #expect(try beside.stock() == "allow 0")
        #expect(try beside.lint() == ["never_present"])
    }

    @Test func aTextThatIsSpeltInAnotherWayIsNamed() throws {
        let forbid = #"forbid (principal, action, resource) when { context.cmd like "rm -rf*" };"#
        let hazard = Hazard(forbid: forbid, context: #"{"cmd":"rm  -rf /","amount":1}"#)
        #expect(try hazard.stock() == "allow 0")
        #expect(try Hazard(forbid: forbid).strict() == "DENY forbidden")
        // No type tells one spelling from another: the lint names it, and the rule that lists what may pass stops it.
        #expect(try hazard.lint() == ["free_text"])
        let turned = Hazard(
            forbid: #"forbid (principal, action, resource) unless { ["ls", "pwd"].contains(context.cmd) };"#,
            context: #"{"cmd":"rm  -rf /","amount":1}"#
        )
        #expect(try turned.strict() == "DENY forbidden")
        #expect(try turned.lint() == [])
    }
}
