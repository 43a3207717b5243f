using System.IO.Compression;
using Mesh.Configuration;
using Mesh.Routing;
using Mesh.Routing.Compression;
using Mesh.Routing.Cors;
using Mesh.Routing.Grpc;

namespace Mesh.Core.Tests.Routing;

public sealed class GatewayFilterValidationTests
{
    [TestCase("ftp//x")]
    [TestCase("shop.example")]
    [TestCase("https://shop.example/")]
    [TestCase("https://*")]
    [TestCase("https://shop.*")]
    [TestCase("https://shop.example:99999")]
    [TestCase("HTTPS://shop.example")]
    public void Compile_CorsWithAnOddOrigin_NamesIt(string origin) =>
        Assert.That(ErrorsOf(new CorsOptions { AllowOrigins = [origin] }), Has.One.StartsWith("Mesh:Gateway:Routes:r:Rules:0:Filters:0:CORS:AllowOrigins:0: found"));

    [Test]
    public void Compile_CorsWithCredentialsForEverybody_IsRefused() =>
        Assert.That(ErrorsOf(new CorsOptions { AllowOrigins = ["*"], AllowCredentials = true }), Has.One.Contains("CORS:AllowCredentials: every origin"));

    [Test]
    public void Compile_CorsWithOddNames_NamesEach() => Assert.That(
        ErrorsOf(new CorsOptions { AllowMethods = ["get"], AllowHeaders = ["a b"], ExposeHeaders = [""], MaxAge = 0 }),
        Has.Count.EqualTo(4));

    [TestCase(null)]
    [TestCase(-1)]
    public void Compile_BodyLimitWithoutASize_IsRefused(int? size) => Assert.That(
        Routes.ErrorsOf(Rule(new RouteFilterOptions { Type = RouteFilterType.BodyLimit, BodyLimit = new BodyLimitOptions { MaxBytes = size } })),
        Has.One.Contains("BodyLimit:MaxBytes: found"));

    [Test]
    public void Compile_OddCompression_NamesEachFault()
    {
        CompressionOptions odd = new() { Encodings = ["br", "zstd", "br"], ContentTypes = ["json", "text/*", "*/*", "text/a*", "a/b; c"], MinBytes = -1, Level = CompressionLevel.SmallestSize };

        Assert.That(
            Routes.ErrorsOf(Rule(new RouteFilterOptions { Type = RouteFilterType.Compression, Compression = odd })),
            Has.Count.EqualTo(8).And.All.Contains("Compression:"));
    }

    [TestCase(RouteFilterType.CORS)]
    [TestCase(RouteFilterType.BodyLimit)]
    [TestCase(RouteFilterType.Compression)]
    public void Compile_RulesOfAClientWithAFilterOfAGateway_AreRefused(RouteFilterType type)
    {
        var errors = new ConfigurationErrors();
        var filter = new RouteFilterOptions { Type = type, CORS = type == RouteFilterType.CORS ? new CorsOptions() : null, BodyLimit = type == RouteFilterType.BodyLimit ? new BodyLimitOptions { MaxBytes = 1 } : null, Compression = type == RouteFilterType.Compression ? new CompressionOptions() : null };
        RouteTable.Compile([Rule(filter)], "r", "Rules", errors);

        Assert.That(errors.All, Has.One.StartsWith($"Rules:0:Filters:0:Type: found '{type}'"));
    }

    [Test]
    public void Compile_GrpcMatches_NamesWhatIsWrong()
    {
        var errors = new ConfigurationErrors();
        GrpcRouteOptions route = new()
        {
            Hostnames = ["a:80"],
            Rules =
            [
                new() { Matches = [new() { Method = new() }] },
                new() { Matches = [new() { Method = new() { Service = "a/b" } }] },
                new() { Matches = [new() { Method = new() { Type = ValueMatchType.Present, Service = "a" } }] },
                new() { Matches = [new() { Method = new() { Type = ValueMatchType.RegularExpression, Method = "(" } }] },
            ],
        };
        RouteTable.Compile([], "", [KeyValuePair.Create("g", route)], "Grpc", errors);

        Assert.That(errors.All.Select(static error => error[..error.IndexOf(": ", StringComparison.Ordinal)]), Is.EqualTo(
        [
            "Grpc:g:Hostnames:0",
            "Grpc:g:Rules:0:Matches:0:Method",
            "Grpc:g:Rules:1:Matches:0:Method:Service",
            "Grpc:g:Rules:2:Matches:0:Method:Type",
            "Grpc:g:Rules:3:Matches:0:Method:Method",
        ]));
    }

    // A look-up in a large table must not walk through it. Counted and not timed: the machine is shared.
    [Test]
    public void Match_TenThousandRules_LooksAtFewOfThem()
    {
        var routes = Enumerable.Range(0, 100).Select(static host => (
            $"route-{host}",
            Routes.Route(
                [$"h{host}.example"],
                [.. Enumerable.Range(0, 100).Select(static i => Routes.Rule($"rule-{i}", Routes.Prefix($"/p{i}").WithHeader("x", "1")))]))).ToArray();
        var table = Routes.Compile(routes);
        var request = new CountingRequest("h57.example", "/p31/x/y/z");

        Assert.That(table.Rules, Has.Length.EqualTo(10_000));
        Assert.That(table.Match(request).Rule?.Name, Is.EqualTo("rule-31"));
        Assert.That(request.HeaderReads, Is.EqualTo(1));
    }

    private static IReadOnlyCollection<string> ErrorsOf(CorsOptions cors) => Routes.ErrorsOf(Rule(new RouteFilterOptions { Type = RouteFilterType.CORS, CORS = cors }));

    private static RouteRuleOptions Rule(RouteFilterOptions filter) => new() { Filters = [filter], BackendRefs = [new BackendRefOptions { Name = "b" }] };

    private readonly struct CountingRequest(string host, string path) : IRouteRequest
    {
        private readonly int[] _reads = new int[1];

        public int HeaderReads => _reads[0];

        public ReadOnlySpan<char> Host => host;

        public ReadOnlySpan<char> Path => path;

        public ReadOnlySpan<char> Query => default;

        public string Method => "GET";

        public bool TryGetHeader(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value)
        {
            _reads[0]++;
            value = "1";
            return true;
        }
    }
}
