using Mesh.Gateway.Listeners;
using Mesh.Routing;
using Mesh.Routing.Findings;

namespace Mesh.Gateway.Tests.Manifests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ManifestImportTests : IDisposable
{
    private const string Gateway = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: edge, namespace: shop }
        spec:
          gatewayClassName: mesh
          listeners:
          - { name: public, hostname: "*.shop.example", port: 443, protocol: HTTPS, tls: { mode: Terminate, certificateRefs: [ { name: shop } ] } }
          - { name: internal, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All }, kinds: [ { kind: HTTPRoute } ] } }
        """;

    private readonly ManifestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public void Read_WholeRoute_IsWhatItSays()
    {
        _directory.Write("orders.yaml", """
            # what kubectl get -o yaml shows
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata:
              name: orders
              labels: { "app.kubernetes.io/name": orders, "a:b": c }
              creationTimestamp: "2026-01-01T00:00:00Z"
            spec:
              hostnames: [ shop.example ]
              rules:
              - name: canary
                matches:
                - path: { type: Exact, value: /orders }
                  method: GET
                  headers: [ { name: x-canary, value: "1" } ]
                  queryParams: [ { type: RegularExpression, name: v, value: "[0-9]+" } ]
                filters:
                - type: RequestHeaderModifier
                  requestHeaderModifier: { set: [ { name: x-a, value: b } ], remove: [ x-c ] }
                - type: URLRewrite
                  urlRewrite: { path: { type: ReplaceFullPath, replaceFullPath: /v2 } }
                backendRefs:
                - { group: "", kind: Service, name: orders, port: 8080, weight: 90 }
                - { name: orders-v2, port: 8080, weight: 10 }
                timeouts: { request: 10s, backendRequest: 500ms }
                retry: { codes: [ 503 ], attempts: 2, backoff: 10ms }
            status: { parents: [] }
            """);

        var (options, _, errors) = _directory.Read();

        Assert.That(errors, Is.Empty);
        var route = options.Routes["shop/orders"];
        var rule = route.Rules.Single();
        var match = rule.Matches.Single();
        Assert.Multiple(() =>
        {
            Assert.That(route.Hostnames, Is.EqualTo(["shop.example"]));
            Assert.That(route.Source, Is.EqualTo("orders.yaml#1:spec"));
            Assert.That(rule.Name, Is.EqualTo("canary"));
            Assert.That((match.Path!.Type, match.Path.Value, match.Method), Is.EqualTo((PathMatchType.Exact, "/orders", "GET")));
            Assert.That((match.Headers[0].Name, match.Headers[0].Value), Is.EqualTo(("x-canary", "1")));
            Assert.That(match.QueryParams[0].Type, Is.EqualTo(ValueMatchType.RegularExpression));
            Assert.That(rule.Filters[0].RequestHeaderModifier!.Remove, Is.EqualTo(["x-c"]));
            Assert.That(rule.Filters[1].URLRewrite!.Path!.ReplaceFullPath, Is.EqualTo("/v2"));
            Assert.That(rule.BackendRefs.Select(static backend => (backend.Name, backend.Namespace, backend.Port, backend.Weight)),
                Is.EqualTo(new[] { ("orders", (string?)null, (int?)8080, 90), ("orders-v2", null, 8080, 10) }));
            Assert.That(rule.Timeouts.Request, Is.EqualTo(TimeSpan.FromSeconds(10)));
            Assert.That(rule.Retry!.Codes, Is.EqualTo([503]));
        });
    }

    [Test]
    public void Read_Gateway_AddsItsListenersAndHangsRoutesOnThem()
    {
        _directory.Write("gateway.yaml", Gateway);
        _directory.Write("routes.yml", $"""
            {Route("both", parents: "{ name: edge }")}
            ---
            {Route("public", parents: "{ name: edge, sectionName: public }")}
            ---
            {Route("by-port", parents: "{ name: edge, port: 80 }")}
            ---
            {Route("elsewhere", parents: "{ name: another }")}
            ---
            {Route("team", ns: "team", parents: "{ name: edge, namespace: shop }")}
            ---
            {Route("closed", ns: "team", parents: "{ name: edge, namespace: shop, sectionName: public }")}
            ---
            {Route("calls", kind: "GRPCRoute", parents: "{ name: edge }")}
            """);

        var (options, import, errors) = _directory.Read(static options => options.Manifests.Ports["443"] = 8443);

        Assert.That(errors, Is.Empty);
        Assert.Multiple(() =>
        {
            Assert.That(options.Listeners.Select(static pair => (pair.Key, pair.Value.Hostname, pair.Value.Port, pair.Value.Protocol)), Is.EqualTo(new[]
            {
                ("public", "*.shop.example", (int?)8443, (GatewayListenerProtocol?)GatewayListenerProtocol.HTTPS), ("internal", null, 80, GatewayListenerProtocol.HTTP),
            }));
            Assert.That(options.Routes.Select(static pair => $"{pair.Key} {string.Join(',', pair.Value.ParentRefs.Select(static parent => parent.SectionName))}"),
                Is.EquivalentTo(["shop/both ", "shop/public public", "shop/by-port internal", "team/team internal"]));
            Assert.That(options.GrpcRoutes["shop/calls"].ParentRefs.Single().SectionName, Is.EqualTo("public"), "the other takes HTTPRoutes only");
            Assert.That(import.Findings.Select(import.Describe).Select(static finding => (finding.Kind, finding.Path)), Is.EqualTo(new[]
            {
                (RouteFindingKind.NotAttached, "routes.yml, document 4, line 29: spec.parentRefs"), (RouteFindingKind.NotAttached, "routes.yml, document 6, line 45: spec.parentRefs"),
            }));
        });
    }

    [TestCase("edge", 0)]
    [TestCase("shop/edge", 0)]
    [TestCase("other", 0)]
    [TestCase(null, 1)]
    [TestCase("missing", 1)]
    public void Read_SeveralGateways_AsksWhichItIs(string? chosen, int errorCount)
    {
        _directory.Write("a.yaml", Gateway);
        _directory.Write("b.yaml", Gateway.Replace("name: edge", "name: other", StringComparison.Ordinal));
        var errors = _directory.Read(options => options.Manifests.Gateway = chosen).Errors;
        Assert.That(errors, Has.Count.EqualTo(errorCount));
        if (errorCount > 0)
        {
            Assert.That(errors[0], Is.EqualTo($"Mesh:Gateway:Manifests:Gateway: found '{chosen}', allowed is which of the Gateways this process is: shop/edge, shop/other."));
        }
    }

    [Test]
    public void Read_ReferenceToAnotherNamespace_NeedsAGrant()
    {
        const string Backends = """[ { name: orders, namespace: sales }, { name: prices, namespace: sales }, { name: own }, { name: stock, namespace: store } ]""";
        _directory.Write("a.yaml", $$"""
            {{Route("a", backends: Backends)}}
            ---
            {{Route("b", ns: "team", backends: "[ { name: orders, namespace: sales }, { name: local } ]")}}
            ---
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: ReferenceGrant
            metadata: { name: shop, namespace: sales }
            spec:
              from: [ { group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop } ]
              to: [ { group: "", kind: Service, name: orders } ]
            """);

        var (options, import, errors) = _directory.Read();

        Assert.That(errors, Is.Empty);
        Assert.Multiple(() =>
        {
            Assert.That(Backend("shop/a"), Is.EqualTo(["orders.sales True", "prices.sales False", "own. True", "stock.store False"]));
            Assert.That(Backend("team/b"), Is.EqualTo(["orders.sales False", "local.team True"]));
            Assert.That(import.Findings.Select(static finding => finding.Kind), Is.All.EqualTo(RouteFindingKind.UnresolvedBackend));
            Assert.That(import.Findings, Has.Length.EqualTo(3));
            Assert.That(import.Describe(import.Findings[0]).Path, Is.EqualTo("a.yaml, document 1, line 7: spec.rules[0].backendRefs[1]"));
        });

        IEnumerable<string> Backend(string route) =>
            options.Routes[route].Rules[0].BackendRefs.Select(static backend => $"{backend.Name}.{backend.Namespace} {backend.Unresolved is null}");
    }

    [TestCase("kind: HTTPRoute", "kind: TLSRoute", "a.yaml, document 1, line 2: kind: found 'TLSRoute', allowed is one of Gateway, HTTPRoute, GRPCRoute, ReferenceGrant.")]
    [TestCase("kind: HTTPRoute", "kind: httproute", "a.yaml, document 1, line 2: kind: found 'httproute', allowed is one of Gateway, HTTPRoute, GRPCRoute, ReferenceGrant.")]
    [TestCase("k8s.io/v1", "k8s.io/v1alpha2", "a.yaml, document 1, line 1: apiVersion: found 'gateway.networking.k8s.io/v1alpha2', allowed is gateway.networking.k8s.io/v1 or gateway.networking.k8s.io/v1beta1.")]
    [TestCase("name: a, ", "", "a.yaml, document 1, line 3: metadata.name: found '', allowed is letters in lower case, digits, '-' and '.'.")]
    [TestCase("spec:", "data: 1\nspec:", "a.yaml, document 1, line 4: data: there is no such field; allowed here are apiVersion, kind, metadata, spec, status.")]
    [TestCase("parentRefs", "parents", "a.yaml, document 1, line 5: spec.parents: there is no such setting; allowed here are Hostnames, ParentRefs, Rules.")]
    [TestCase("{ name: edge }", "{ name: edge, kind: Service }", "a.yaml, document 1, line 5: spec.parentRefs[0].kind: found 'Service', allowed is one of Gateway.")]
    [TestCase("{ name: own }", "{ name: own, kind: ServiceImport }", "a.yaml, document 1, line 7: spec.rules[0].backendRefs[0].kind: found 'ServiceImport', allowed is one of Service.")]
    [TestCase("{ name: own }", "{ name: own, weight: many }", "a.yaml, document 1, line 7: spec.rules[0].backendRefs[0].weight: found 'many', allowed is a whole number.")]
    [TestCase("  - backendRefs", "  - name: [ a ]\n    backendRefs", "a.yaml, document 1, line 7: spec.rules[0].name: found a section, allowed is a single value.")]
    [TestCase("  - backendRefs", "  - filters: [ { type: ExtensionRef } ]\n    backendRefs", "a.yaml, document 1, line 7: spec.rules[0].filters[0].type: found 'ExtensionRef', allowed is one of RequestHeaderModifier")]
    public void Read_OneThingWrong_IsNamedWithFileDocumentLineAndField(string right, string wrong, string error)
    {
        var route = Route("a");
        Assert.That(route, Does.Contain(right));
        _directory.Write("a.yaml", route.Replace(right, wrong, StringComparison.Ordinal));
        Assert.That(_directory.Read().Errors, Is.EqualTo([error]).Using<string, string>(static (found, expected) => found.StartsWith(expected, StringComparison.Ordinal)));
    }

    [TestCase("protocol: HTTP,", "protocol: TCP,", "gateway.yaml, document 1, line 8: spec.listeners[1].protocol: found 'TCP', allowed is one of HTTP, HTTPS.")]
    [TestCase("name: internal,", "name: public,", "gateway.yaml, document 1, line 8: spec.listeners[1].name: found 'public', allowed is a name that no other listener has.")]
    [TestCase("from: All", "from: Selector", "gateway.yaml, document 1, line 8: spec.listeners[1].allowedRoutes.namespaces.from: found 'Selector', allowed is one of Same, All.")]
    [TestCase("mode: Terminate", "mode: Passthrough", "gateway.yaml, document 1, line 7: spec.listeners[0].tls.mode: found 'Passthrough', allowed is one of Terminate.")]
    [TestCase("gatewayClassName: mesh", "addresses: [ { value: 10.0.0.1 } ]", "gateway.yaml, document 1, line 5: spec.addresses: there is no such setting; allowed here are GatewayClassName, Listeners.")]
    public void Read_OneThingWrongInAGateway_IsNamed(string right, string wrong, string error)
    {
        var changed = Gateway.Replace(right, wrong, StringComparison.Ordinal);
        Assert.That(changed, Is.Not.EqualTo(Gateway));
        _directory.Write("gateway.yaml", changed);
        Assert.That(_directory.Read().Errors, Does.Contain(error));
    }

    [Test]
    public void Read_TheSameObjectTwice_IsRefused()
    {
        _directory.Write("a.yaml", Route("a"));
        _directory.Write("b.yaml", Route("a", ns: "shop"));
        Assert.That(_directory.Read().Errors, Is.EqualTo(["b.yaml, document 1, line 3: metadata.name: there is another HTTPRoute 'shop/a' in a.yaml#1."]));
    }

    [Test]
    public void Read_UnknownListener_IsRefused()
    {
        _directory.Write("a.yaml", Route("a", parents: "{ name: edge, sectionName: side }"));
        _directory.Write("gateway.yaml", Gateway);
        Assert.That(_directory.Read().Errors, Is.EqualTo(["a.yaml, document 1, line 5: spec.parentRefs[0]: the Gateway 'shop/edge' has no such listener; it has public, internal."]));
    }

    private static string Route(string name, string ns = "", string kind = "HTTPRoute", string parents = "{ name: edge }", string backends = "[ { name: own } ]") => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: {{kind}}
        metadata: { name: {{name}}, {{(ns.Length == 0 ? "" : $"namespace: {ns}, ")}}labels: {} }
        spec:
          parentRefs: [ {{parents}} ]
          rules:
          - backendRefs: {{backends}}
        """;
}
