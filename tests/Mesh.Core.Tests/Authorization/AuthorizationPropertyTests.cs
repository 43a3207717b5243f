using CsCheck;
using Mesh.Authorization;
using Mesh.Configuration;
using Mesh.Identity;

namespace Mesh.Core.Tests.Authorization;

public sealed class AuthorizationPropertyTests
{
    private const int Iterations = 50_000;

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

    private static readonly Gen<AuthorizationSourceOptions> Source =
        from fields in Gen.Int[1, 255]
        from principals in Gen.Select(Values(Principal), Values(Principal), Values(RequestPrincipal), Values(RequestPrincipal))
        from places in Gen.Select(Values(Namespace), Values(Namespace), Values(TrustDomain), Values(TrustDomain))
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
        };

    private static readonly Gen<AuthorizationOperationOptions> Operation =
        from fields in Gen.Int[1, 63]
        from names in Gen.Select(Values(Host), Values(Host), Values(Method), Values(Method))
        from paths in Gen.Select(Values(Path), Values(Path))
        select new AuthorizationOperationOptions
        {
            Hosts = If(fields, 0, names.Item1),
            NotHosts = If(fields, 1, names.Item2),
            Methods = If(fields, 2, names.Item3),
            NotMethods = If(fields, 3, names.Item4),
            Paths = If(fields, 4, paths.Item1),
            NotPaths = If(fields, 5, paths.Item2),
        };

    private static readonly Gen<AuthorizationRuleOptions> Rule = Gen.Select(Gen.Int[0, 3], Source.List[1, 2], Operation.List[1, 2], static (parts, from, to) =>
        new AuthorizationRuleOptions { From = If(parts, 0, from), To = If(parts, 1, to) });

    private static readonly Gen<AuthorizationPolicyOptions> Policy = Gen.Select(Gen.Bool, Gen.Int[0, 9], Rule.List[0, 3], static (denies, hasRules, rules) =>
        new AuthorizationPolicyOptions { Action = denies ? AuthorizationAction.Deny : AuthorizationAction.Allow, Rules = hasRules > 0 ? rules : null });

    private static readonly Gen<AuthorizationRequest> Request =
        from peer in Gen.OneOf<string?>(null, "a.example/ns/x/sa/s", "a.example/ns/x/sa/t", "a.example/ns/y/sa/s", "b.example/ns/x/sa/s", "b.example/w/s", "b.example")
        from token in Gen.OneOf<string?>(null, "https://i/a", "https://i/b", "https://j/a")
        from host in Gen.OneOf("a", "A:80", "a:8080", "b.a", "b.a:443", "c")
        from method in Gen.OneOf("GET", "POST", "PUT", "get")
        from path in Gen.OneOf("/", "/a", "/A", "/a/", "/A/b", "/a/b", "/a/b/", "/a/b/c", "/a/x/c", "/b", "/ab/b/c", "/a/b/c/d/b")
        select new AuthorizationRequest(peer is null ? null : SpiffeId.Parse($"spiffe://{peer}"), token, host, method, path);

    [Test]
    public void Evaluate_OnRandomPolicies_DecidesAsTheNaiveEvaluator() => Gen
        .Select(Policy.List[0, 3], Request)
        .Sample(
            static (list, request) =>
            {
                var policies = list.Index().ToDictionary(static policy => $"p{policy.Index}", static policy => policy.Item);
                var errors = new ConfigurationErrors();
                var engine = AuthorizationEngine.Compile(policies, "p", errors);
                Assert.That(errors.All, Is.Empty);
                return engine.Evaluate(in request).Allowed == NaiveAuthorization.IsAllowed(policies, request);
            },
            iter: Iterations);

    private static Gen<List<string>> Values(Gen<string> value) => value.List[1, 2];

    // Fields are mostly absent, as in real policies; otherwise nothing would ever match.
    private static T? If<T>(int fields, int bit, T value)
        where T : class => (fields >> bit & 1) == 1 ? value : null;
}
