// From files to a bundle: everything is checked, and every problem is reported.

package import Bytes
import Cedar

extension PolicyBundle {
    /// Compiles a bundle.
    ///
    /// - Parameters:
    ///   - sources: The files of the bundle.
    ///   - digest: Of all files of the source, tests included.
    ///   - version: 0 for an unsigned directory.
    ///   - source: What statements call the source.
    /// - Returns: The bundle.
    /// - Throws: ``PolicyProblems`` with everything that is wrong, not only the first thing; then there is no bundle.
    package static func compile(
        _ sources: PolicySources,
        digest: Digest,
        version: UInt64 = 0,
        source: Text = "directory"
    ) throws(PolicyProblems) -> PolicyBundle {
        var compiler = BundleCompiler(sources)
        let parts = compiler.compile()
        if let problems = PolicyProblems(compiler.problems) { throw problems }
        guard let parts else {
            // Unreachable while every failing step reports a problem; without one there is no bundle either.
            throw PolicyProblems(PolicyProblem(.unreadable, file: sources.settings.path, "the bundle did not compile"))
        }
        return PolicyBundle(
            identity: BundleIdentity(name: parts.name, version: version, digest: digest, source: source),
            surfaces: parts.surfaces,
            entities: parts.entities,
            policies: parts.policies,
            warnings: PolicyProblems(compiler.validation.warnings)?.problems ?? []
        )
    }
}

/// Compiles the parts of a bundle and collects what is wrong with them.
struct BundleCompiler {
    /// The parts of a bundle.
    struct Parts {
        let name: Text
        let surfaces: [Surface]
        let entities: Entities
        let policies: [PolicyDescription]
    }

    /// The name under which policies over all surfaces stand in rulings; no surface may have it.
    static let commonName: Text = "common"

    private let sources: PolicySources
    private(set) var problems: [PolicyProblem] = []
    private(set) var validation = StrictValidation()

    init(_ sources: PolicySources) {
        self.sources = sources
    }

    /// The parts; nil, or anything with problems, means that there is no bundle.
    mutating func compile() -> Parts? {
        let (settings, settingsProblems) = BundleSettings.read(sources.settings)
        problems += settingsProblems
        let namespace = settings?.namespace
        let commonSchema = parse([sources.commonSchema])
        if settings != nil { checkAgentType(namespace, in: commonSchema) }
        let common = policies(sources.commonPolicies, owner: Self.commonName)
        checkSurfaceNames()
        var surfaces: [Surface] = []
        var count = common.descriptions.count
        for surface in sources.surfaces {
            let own = policies(surface.policies, owner: surface.name)
            count += own.policies.count
            if own.policies.isEmpty, !own.hasSyntaxErrors {
                let message = "surface `\(surface.name)` has no policy"
                problems.append(PolicyProblem(.missingFile, file: surface.path, message))
            }
            guard let parts = surfaceParts(surface, commonSchema, namespace: namespace) else { continue }
            if let compiled = compile(parts, surface, common, own) { surfaces.append(compiled) }
        }
        if count > BundleLimits.policiesMax {
            let message = "more than \(BundleLimits.policiesMax) policies"
            problems.append(PolicyProblem(.limit, file: sources.settings.path, message))
        }
        validation.finish()
        problems += validation.errors
        let entities = entities()
        guard problems.isEmpty, let settings, let entities else { return nil }
        let descriptions = common.descriptions + surfaces.flatMap { $0.policies.dropFirst(common.descriptions.count) }
        return Parts(name: settings.name, surfaces: surfaces, entities: entities, policies: descriptions)
    }

    private mutating func checkAgentType(_ namespace: Text?, in commonSchema: Schema?) {
        guard let type = EntityType(namespace.map { "\($0)::Agent" } ?? "Agent") else {
            let message = "`\(namespace ?? "")` is not a Cedar namespace"
            problems.append(PolicyProblem(.invalidMember, file: sources.settings.path, message))
            return
        }
        guard let commonSchema, commonSchema[type] == nil else { return }
        let message = "the common schema must declare entity type `\(type)`"
        problems.append(PolicyProblem(.schema, file: sources.commonSchema.path, message))
    }

    private mutating func checkSurfaceNames() {
        if sources.surfaces.isEmpty {
            problems.append(PolicyProblem(.missingFile, file: "surfaces", "there is no surface"))
        }
        if sources.surfaces.count > BundleLimits.surfacesMax {
            problems.append(PolicyProblem(.limit, file: "surfaces", "more than \(BundleLimits.surfacesMax) surfaces"))
        }
        for surface in sources.surfaces {
            if surface.name == Self.commonName {
                let message = "a surface cannot be named `common`: policies over all surfaces have that name"
                problems.append(PolicyProblem(.invalidMember, file: surface.path, message))
            } else if !Names.isSimple(surface.name) {
                let message = "a surface's name must be \(Names.simpleForm)"
                problems.append(PolicyProblem(.invalidMember, file: surface.path, message))
            }
        }
    }
}

// MARK: - Policies

/// The policies of one owner, parsed and described.
struct DescribedPolicies {
    var files: [SourceFile] = []
    /// Each policy with its file; those with problems included.
    var policies: [(policy: Policy, file: SourceFile)] = []
    /// As many as policies, unless there were problems.
    var descriptions: [PolicyDescription] = []
    /// Whether some file could not be parsed.
    var hasSyntaxErrors = false
}

extension BundleCompiler {
    private mutating func policies(_ files: [SourceFile], owner: Text) -> DescribedPolicies {
        var result = DescribedPolicies(files: files)
        var seen: [Text: PolicyDescription] = [:]
        for file in files {
            let set: PolicySet
            do throws(SyntaxError) {
                set = try PolicySet(parsing: file.bytes)
            } catch {
                problems += JoinedSource([file]).problems(error)
                result.hasSyntaxErrors = true
                continue
            }
            for policy in set.policies {
                result.policies.append((policy, file))
                var reader = AnnotationReader(policy, in: file)
                let description = reader.description(owner: owner)
                problems += reader.problems
                guard let description else { continue }
                result.descriptions.append(description)
                if let first = seen[description.id] {
                    refuseDuplicate(policy, in: file, first)
                } else {
                    seen[description.id] = description
                }
            }
        }
        return result
    }

    private mutating func refuseDuplicate(_ policy: Policy, in file: SourceFile, _ first: PolicyDescription) {
        let range = policy.annotation("id")?.range ?? policy.range
        let message = "the `@id` `\(first.id)` is given already at \(first.file):\(first.line)"
        problems.append(PolicyProblem(.duplicateID, in: file, at: range.bytes, message))
    }

    /// Compiles a surface's policies into it.
    private mutating func compile(
        _ parts: SurfaceParts,
        _ surface: SurfaceSources,
        _ common: DescribedPolicies,
        _ own: DescribedPolicies
    ) -> Surface? {
        let unfilled = Surface(parts, policies: ([], .empty), text: JoinedSource([]))
        problems += MappingCheck.problems(of: unfilled, in: surface.settings)
        guard !common.hasSyntaxErrors, !own.hasSyntaxErrors else { return nil }
        let text = JoinedSource(common.files + own.files)
        let set: PolicySet
        do throws(SyntaxError) {
            set = try PolicySet(parsing: text.bytes)
        } catch {
            // Each file was parsed alone already; together they can only be too much.
            problems += text.problems(error)
            return nil
        }
        validation.validate(set, commonCount: common.policies.count, in: text, parts.effectiveSchema)
        guard problems.isEmpty, validation.errors.isEmpty else { return nil }
        let descriptions = common.descriptions + own.descriptions
        guard set.policies.count == descriptions.count else {
            problems.append(PolicyProblem(.syntax, file: surface.path, "the policies did not compile together"))
            return nil
        }
        return Surface(parts, policies: (descriptions, set), text: text)
    }
}

// MARK: - Schemas and entities

extension BundleCompiler {
    /// A surface without its policies: its settings, and the common schema and its own together.
    private mutating func surfaceParts(
        _ surface: SurfaceSources,
        _ common: Schema?,
        namespace: Text?
    ) -> SurfaceParts? {
        let (settings, settingsProblems) = SurfaceSettingsReader.read(surface.settings, surface: surface.name)
        problems += settingsProblems
        guard let common, let settings else { return nil }
        guard EntityType("\(settings.namespace)::Action") != nil else {
            let message = "`\(settings.namespace)` is not a Cedar namespace; set `namespace`"
            problems.append(PolicyProblem(.invalidMember, file: surface.settings.path, message))
            return nil
        }
        guard let schema = parse([sources.commonSchema, surface.schema]) else { return nil }
        let foreign =
            schema.entityTypes.filter { common[$0.type] == nil }.map(\.type.namespace)
            + schema.actions.filter { common[$0.uid] == nil }.map(\.uid.type.namespace)
        for other in Set(foreign).sorted() where !other.utf8.elementsEqual(settings.namespace.utf8) {
            let place = other.isEmpty ? "outside of a namespace" : "in namespace `\(other)`"
            let message = "surface `\(surface.name)` declares types or actions \(place), not in `\(settings.namespace)`"
            problems.append(PolicyProblem(.schema, file: surface.schema.path, message))
        }
        do throws(Schema.MemberConflictError) {
            return SurfaceParts(
                name: surface.name,
                settings: settings,
                schema: schema,
                effectiveSchema: try schema.addingToContexts(GateMember.attribute),
                commonNamespace: namespace
            )
        } catch {
            let message = "the context of `\(error.action)` declares `writ`, which is the gate's own"
            problems.append(PolicyProblem(.schema, file: surface.schema.path, message))
            return nil
        }
    }

    private mutating func parse(_ files: [SourceFile]) -> Schema? {
        let text = JoinedSource(files)
        do throws(SyntaxError) {
            return try Schema(parsing: text.bytes)
        } catch {
            problems += text.problems(error)
            return nil
        }
    }

    /// The entities of all files and the actions of all surfaces, checked against all schemas together.
    private mutating func entities() -> Entities? {
        guard let schema = parse([sources.commonSchema] + sources.surfaces.map(\.schema)) else { return nil }
        var collector = EntityCollector(schema)
        for file in sources.entities { collector.add(file) }
        problems += collector.problems
        guard collector.problems.isEmpty else { return nil }
        do throws(EntitiesError) {
            return try Entities(collector.entities + schema.actionEntities)
        } catch {
            let file = sources.entities.first?.path ?? "entities"
            problems.append(PolicyProblem(.entities, file: file, error.description))
            return nil
        }
    }
}

extension SourceRange {
    /// The stretch in bytes.
    var bytes: Range<Int> { start.byteOffset..<max(start.byteOffset, end.byteOffset) }
}

/// The member that the gate adds to every context.
enum GateMember {
    /// The gate's wall clock.
    static let nowName: Text = "now"
    /// Its declaration: `writ: {now: datetime}`.
    static let attribute = AttributeType(name: Surface.gateMember, type: .record(type))

    private static let type =
        RecordType([AttributeType(name: nowName, type: .extension(.datetime))]) ?? .empty

    /// Its value at an instant.
    static func value(at instant: Int64) -> Value {
        let now = Record.Field(nowName, .datetime(Datetime(milliseconds: instant)))
        return .record(Record([now]) ?? .empty)
    }
}
