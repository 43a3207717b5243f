using CsCheck;
using Mesh.Authorization;
using Mesh.Configuration;
using Mesh.Identity;

namespace Mesh.Core.Tests.Authorization;

public sealed class AuthorizationPropertyTests
{
    // Times as many requests: 100 000 pairs of a set of documents and a request.
    private const int Iterations = 10_000;
    private const int Requests = 10;
    private const string OwnNamespace = "x";

    // Few and similar values, so that requests and policies meet.
    private static readonly Gen<string> Principal = Gen.OneOf(
        "a.example/ns/x/sa/s", "a.example/ns/x/sa/t", "a.example/ns/y/sa/s", "b.example/ns/x/sa/s", "b.example/w/s", "*", "a.example/*", "*/sa/s", "b.*");

    private static readonly Gen<string> RequestPrincipal = Gen.OneOf("https://i/a", "https://i/b", "https://j/a", "*", "https://i/*", "*/a");

    private static readonly Gen<string> Namespace = Gen.OneOf("x", "y", "*", "x*", "*y");

    private static readonly Gen<string> TrustDomain = Gen.OneOf("a.example", "b.example", "*", "a*", "*.example");

    private static readonly Gen<string> Host = Gen.OneOf("a", "b.a", "A", "*", "b*", "*.a", "a:80", "a:8*", "*:80", "*.a:443", "b.a:*");

    private static readonly Gen<string> Method = Gen.OneOf("GET", "POST", "get", "*", "P*", "*T");

    private static readonly Gen<string> Path = Gen.OneOf(
        "/", "/a", "/A", "/a/", "/a/b", "/a/b/c", "*", "/*", "/a*", "/a/*", "*/b", "*b/", "*a",
        "/{*}", "/{**}", "/a/{*}", "/a/{**}", "/{*}/b", "/{**}/b", "/a/{*}/c", "/{*}/b/{**}", "/a/{**}/", "/{*}/");

    private static readonly Gen<string> Account = Gen.OneOf("s", "t", "x/s", "y/s", "z/s");

    private static readonly Gen<string> Block = Gen.OneOf("10.0.0.0/8", "10.1.2.3", "10.1.0.0/16", "0.0.0.0/0", "::/0", "2001:db8::/32", "::1", "192.168.0.0/24");

    private static readonly Gen<string> Text = Gen.OneOf("a", "b", "a,b", "ab", "a*", "*b", "*", "true", "7");

    private static readonly Gen<AuthorizationSourceOptions> AnySource =
        from fields in Gen.Int[1, 4095]
        from principals in Gen.Select(Values(Principal), Values(Principal), Values(RequestPrincipal), Values(RequestPrincipal))
        from places in Gen.Select(Values(Namespace), Values(Namespace), Values(TrustDomain), Values(TrustDomain))
        from blocks in Gen.Select(Values(Block), Values(Block), Values(Block), Values(Block))
        select new AuthorizationSourceOptions
        {
            Principals = If(fields, 0, principals.Item1),
            NotPrincipals = If(fields, 1, principals.Item2),
            RequestPrincipals = If(fields, 2, principals.Item3),
            NotRequestPrincipals = If(fields, 3, principals.Item4),
            Namespaces = If(fields, 4, places.Item1),
            NotNamespaces = If(fields, 5, places.Item2),
            TrustDomains = If(fields, 6, places.Item3),
            NotTrustDomains = If(fields, 7, places.Item4),
            IpBlocks = If(fields, 8, blocks.Item1),
            NotIpBlocks = If(fields, 9, blocks.Item2),
            RemoteIpBlocks = If(fields, 10, blocks.Item3),
            NotRemoteIpBlocks = If(fields, 11, blocks.Item4),
        };

    private static readonly Gen<AuthorizationSourceOptions> AccountSource = Gen.Select(Gen.Int[1, 3], Values(Account), Values(Account), static (fields, any, none) =>
        new AuthorizationSourceOptions { ServiceAccounts = If(fields, 0, any), NotServiceAccounts = If(fields, 1, none) });

    // Most sources are about a principal alone, as in real documents.
    private static readonly Gen<AuthorizationSourceOptions> Source = Gen.Frequency(
        (2, AnySource),
        (3, Values(Principal).Select(static principals => new AuthorizationSourceOptions { Principals = principals })),
        (1, AccountSource));

    private static readonly Gen<string> Port = Gen.OneOf("80", "443", "8443");

    private static readonly Gen<AuthorizationOperationOptions> AnyOperation =
        from fields in Gen.Int[1, 255]
        from names in Gen.Select(Values(Host), Values(Host), Values(Method), Values(Method))
        from paths in Gen.Select(Values(Path), Values(Path))
        from ports in Gen.Select(Values(Port), Values(Port))
        select new AuthorizationOperationOptions
        {
            Hosts = If(fields, 0, names.Item1),
            NotHosts = If(fields, 1, names.Item2),
            Methods = If(fields, 2, names.Item3),
            NotMethods = If(fields, 3, names.Item4),
            Paths = If(fields, 4, paths.Item1),
            NotPaths = If(fields, 5, paths.Item2),
            Ports = If(fields, 6, ports.Item1),
            NotPorts = If(fields, 7, ports.Item2),
        };

    // Most operations are about methods and paths.
    private static readonly Gen<AuthorizationOperationOptions> Operation = Gen.Frequency(
        (2, AnyOperation),
        (3, Gen.Select(Gen.Int[1, 3], Values(Method), Values(Path), static (fields, methods, paths) =>
            new AuthorizationOperationOptions { Methods = If(fields, 0, methods), Paths = If(fields, 1, paths) })));

    private static readonly Gen<AuthorizationConditionOptions> Condition =
        from key in Gen.OneOf(
            ("request.headers[x]", Text), ("request.headers[Y-z]", Text), ("source.ip", Block), ("remote.ip", Block), ("destination.ip", Block),
            ("destination.port", Port), ("source.namespace", Namespace), ("source.serviceAccount", Account), ("source.principal", Principal),
            ("source.trustDomain", TrustDomain), ("request.auth.principal", RequestPrincipal), ("request.auth.audiences", Text),
            ("request.auth.presenter", Text), ("request.auth.claims[a]", Text), ("request.auth.claims[o][a]", Text), ("request.auth.claims[scope]", Text), ("connection.sni", Text))
        from fields in Gen.Int[1, 3]
        from any in Values(key.Item2)
        from none in Values(key.Item2)
        select new AuthorizationConditionOptions { Key = key.Item1, Values = If(fields, 0, any), NotValues = If(fields, 1, none) };

    private static readonly Gen<AuthorizationRuleOptions> Rule = Gen.Select(Gen.Int[0, 11], Source.List[1, 2], Operation.List[1, 2], Condition.List[1, 2], static (parts, from, to, when) =>
        new AuthorizationRuleOptions { From = If(parts, 0, from), To = If(parts, 1, to), When = parts >= 8 ? when : null });

    private static readonly Gen<AuthorizationPolicyOptions> Policy = Gen.Select(Gen.Bool, Gen.Int[0, 9], Gen.Int[0, 4], Rule.List[0, 3], static (denies, hasRules, dryRun, rules) =>
        new AuthorizationPolicyOptions
        {
            Action = denies ? AuthorizationAction.Deny : AuthorizationAction.Allow,
            DryRun = dryRun == 0,
            Rules = hasRules > 0 ? rules : null,
        });

    private static readonly Gen<TestAttributes?> Attributes =
        from addresses in Gen.OneOf<string?>(null, "10.1.2.3", "10.9.9.9", "::ffff:10.1.2.3", "192.168.0.7", "192.168.1.7", "2001:db8::5", "::1").Array[3]
        from port in Gen.OneOf(0, 80, 443, 8443)
        from sni in Gen.OneOf<string?>(null, "a", "B", "ab")
        from lines in Gen.OneOf("a", "b", "c", "").Array[0, 2]
        from token in Gen.OneOf<string?>(null, "{}", """{"aud":"a","azp":"b","a":["a","c"],"scope":"b c"}""", """{"aud":["b","ab"],"a":true,"o":{"a":"ab"}}""", """{"a":7,"o":{"a":["b"]},"scope":["a b"]}""")
        from isAbsent in Gen.Int[0, 9]
        select isAbsent == 0 ? null : new TestAttributes
        {
            Source = addresses[0],
            Remote = addresses[1],
            Destination = addresses[2],
            DestinationPort = port,
            ServerName = sni,
            Headers = [("X", lines), ("y-z", lines.Length > 0 ? [lines[0]] : [])],
            Token = token,
        };

    private static readonly Gen<AuthorizationRequest> Request =
        from peer in Gen.OneOf<string?>(null, "a.example/ns/x/sa/s", "a.example/ns/x/sa/t", "a.example/ns/y/sa/s", "b.example/ns/x/sa/s", "b.example/w/s", "b.example")
        from token in Gen.OneOf<string?>(null, "https://i/a", "https://i/b", "https://j/a")
        from host in Gen.OneOf("a", "A:80", "a:8080", "b.a", "b.a:443", "c")
        from method in Gen.OneOf("GET", "POST", "PUT", "get")
        from path in Gen.OneOf("/", "/a", "/A", "/a/", "/A/b", "/a/b", "/a/b/", "/a/b/c", "/a/x/c", "/b", "/ab/b/c", "/a/b/c/d/b")
        from attributes in Attributes
        select new AuthorizationRequest(peer is null ? null : SpiffeId.Parse($"spiffe://{peer}"), token, host, method, path) { Attributes = attributes };

    // Few policies in most cases, and enough for several words of the index in some.
    [Test]
    public void Evaluate_OnRandomPolicies_DecidesAsTheNaiveEvaluator() => Gen
        .Select(Gen.Frequency((9, Policy.List[0, 4]), (1, Policy.List[20, 60])), Request.Array[Requests])
        .Sample(
            static (list, requests) =>
            {
                var policies = list.Index().ToDictionary(static policy => $"p{policy.Index}", static policy => policy.Item);
                var engine = Compile(policies);
                return Array.TrueForAll(requests, request =>
                    engine.Evaluate(in request).Allowed == NaiveAuthorization.IsAllowed(policies, request, OwnNamespace)
                    && engine.EvaluateDryRun(in request).Allowed == NaiveAuthorization.IsAllowed(policies, request, OwnNamespace, dryRun: true)
                    && engine.Explain(in request).Policies.All(explained => (explained.MatchedRule >= 0) == NaiveAuthorization.Matches(policies[explained.Name], request, OwnNamespace)));
            },
            iter: Iterations);

    [Test]
    public void Evaluate_WithAndWithoutDryRuns_IsTheSame() => Gen
        .Select(Policy.List[1, 6], Request.Array[Requests])
        .Sample(
            static (list, requests) =>
            {
                var policies = list.Index().ToDictionary(static policy => $"p{policy.Index}", static policy => policy.Item);
                var engine = Compile(policies);
                var inForce = Compile(policies.Where(static policy => !policy.Value.DryRun).ToDictionary());
                return Array.TrueForAll(requests, request => engine.Evaluate(in request) == inForce.Evaluate(in request));
            },
            iter: Iterations / 4);

    [Test]
    public void TryFindAuditAndMustAsk_OnRandomPolicies_FindWhatTheNaiveEvaluatorMatches() => Gen
        .Select(Policy.List[1, 6], Request.Array[Requests])
        .Sample(
            static (list, requests) =>
            {
                var policies = new Dictionary<string, AuthorizationPolicyOptions>();
                foreach (var (index, policy) in list.Index())
                {
                    policies[$"p{index}"] = policy;
                    policy.DryRun = false;
                    policy.Action = index % 2 == 0 ? AuthorizationAction.Audit : AuthorizationAction.Custom;
                    policy.Provider.Name = index % 2 == 0 ? null : "authorizer";
                }

                var engine = Compile(policies);
                return Array.TrueForAll(requests, request => Audits(engine, request).SequenceEqual(Naive(AuthorizationAction.Audit, request))
                    && (engine.Authorizers.Length == 0 || engine.MustAsk(0, in request, out _) == Naive(AuthorizationAction.Custom, request).Any()));

                IEnumerable<string> Naive(AuthorizationAction action, AuthorizationRequest request) => policies
                    .Where(policy => policy.Value.Action == action && NaiveAuthorization.Matches(policy.Value, request, OwnNamespace))
                    .Select(static policy => policy.Key);
            },
            iter: Iterations / 4);

    private static List<string> Audits(AuthorizationEngine engine, AuthorizationRequest request)
    {
        List<string> found = [];
        var position = 0;
        while (engine.TryFindAudit(in request, ref position, out var policy, out _))
        {
            found.Add(policy!);
        }

        return found;
    }

    private static AuthorizationEngine Compile(IReadOnlyDictionary<string, AuthorizationPolicyOptions> policies)
    {
        var errors = new ConfigurationErrors();
        var engine = AuthorizationEngine.Compile(policies, OwnNamespace, "p", errors);
        Assert.That(errors.All, Is.Empty);
        return engine;
    }

    private static Gen<List<string>> Values(Gen<string> value) => value.List[1, 2];

    // Fields are mostly absent, as in real policies; otherwise nothing would ever match.
    private static T? If<T>(int fields, int bit, T value)
        where T : class => (fields >> bit & 1) == 1 ? value : null;
}
