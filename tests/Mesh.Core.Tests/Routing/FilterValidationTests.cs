using Mesh.Routing;
using static Mesh.Core.Tests.Routing.Routes;

namespace Mesh.Core.Tests.Routing;

public sealed class FilterValidationTests
{
    private const string Rule0 = "Mesh:Gateway:Routes:r:Rules:0";

    [Test]
    public void Compile_BadRedirect_IsAllNamed() =>
        Assert.That(
            ErrorsOf(new RouteFilterOptions
            {
                Type = RouteFilterType.RequestRedirect,
                RequestRedirect = new RequestRedirectOptions
                {
                    Scheme = "ftp",
                    Hostname = "*.example",
                    Port = 65_536,
                    StatusCode = 300,
                    Path = new PathRewriteOptions { Type = PathRewriteType.ReplaceFullPath, ReplaceFullPath = "//evil" },
                },
            }),
            Is.EqualTo(new[]
            {
                $"{Rule0}:Filters:0:RequestRedirect:Scheme: found 'ftp', allowed is http or https.",
                $"{Rule0}:Filters:0:RequestRedirect:Hostname: found '*.example', allowed is a host name without a wildcard or port.",
                $"{Rule0}:Filters:0:RequestRedirect:Port: found '65536', allowed is a whole number from 1 to 65535.",
                $"{Rule0}:Filters:0:RequestRedirect:StatusCode: found '300', allowed is 301, 302, 303, 307 or 308.",
                $"{Rule0}:Filters:0:RequestRedirect:Path:ReplaceFullPath: found '//evil', allowed is an absolute path in canonical form.",
            }));

    [Test]
    public void Compile_BadDirectResponse_IsAllNamed() =>
        Assert.Multiple(() =>
        {
            Assert.That(
                ErrorsOf(Direct(new DirectResponseOptions { StatusCode = 101, Body = new string('x', 65_537), ContentType = "a\r\nb" })).Select(PathOf),
                Is.EqualTo(new[]
                {
                    $"{Rule0}:Filters:0:DirectResponse:StatusCode", $"{Rule0}:Filters:0:DirectResponse:Body", $"{Rule0}:Filters:0:DirectResponse:ContentType",
                }));
            Assert.That(
                ErrorsOf(Direct(new DirectResponseOptions { StatusCode = 204, Body = "x" })),
                Is.EqualTo([$"{Rule0}:Filters:0:DirectResponse:Body: a response with the status 204 has no body."]));
        });

    [Test]
    public void Compile_RuleThatAnswersItself_SendsNothingOn()
    {
        var rule = Rule("r");
        rule.BackendRefs = [new() { Name = "a" }];
        rule.Filters =
        [
            new() { Type = RouteFilterType.RequestRedirect, RequestRedirect = new() { Scheme = "https" } },
            new() { Type = RouteFilterType.ResponseHeaderModifier, ResponseHeaderModifier = new() { Remove = ["x"] } },
            new() { Type = RouteFilterType.URLRewrite, URLRewrite = new() { Hostname = "h" } },
            Direct(new DirectResponseOptions()),
            Mirror(new RequestMirrorOptions { BackendRef = new() { Name = "m" } }),
        ];
        var errors = Routes.ErrorsOf(rule);
        Assert.Multiple(() =>
        {
            Assert.That(errors, Has.Exactly(1).EqualTo($"{Rule0}:Filters:2:Type: URLRewrite cannot be in one rule with RequestRedirect: a rule that answers itself sends nothing on."));
            Assert.That(errors, Has.Exactly(1).EqualTo($"{Rule0}:Filters:3:Type: DirectResponse cannot be in one rule with RequestRedirect: a rule that answers itself sends nothing on."));
            Assert.That(errors, Has.Exactly(1).EqualTo($"{Rule0}:Filters:4:Type: RequestMirror cannot be in one rule with DirectResponse: a rule that answers itself sends nothing on."));
            Assert.That(errors, Has.Exactly(1).EqualTo($"{Rule0}:BackendRefs: a rule with a filter of type RequestRedirect sends nothing on: it has no backends."));
            Assert.That(errors, Has.None.StartsWith($"{Rule0}:Filters:1"));
        });
    }

    [Test]
    public void Compile_BadMirror_IsAllNamed() =>
        Assert.Multiple(() =>
        {
            Assert.That(ErrorsOf(Mirror(new RequestMirrorOptions())), Is.EqualTo([$"{Rule0}:Filters:0:RequestMirror:BackendRef: a mirror needs it."]));
            Assert.That(
                ErrorsOf(Mirror(new RequestMirrorOptions { BackendRef = new() { Name = "a b" }, Percent = 101, Fraction = new() { Numerator = 2, Denominator = 0 } })),
                Is.EqualTo(new[]
                {
                    $"{Rule0}:Filters:0:RequestMirror:Percent: found '101', allowed is a number from 0 to 100.",
                    $"{Rule0}:Filters:0:RequestMirror:Fraction:Denominator: found '0', allowed is a whole number from 1.",
                    $"{Rule0}:Filters:0:RequestMirror:Fraction:Numerator: found '2', allowed is a whole number from 0 to the denominator, 0.",
                    $"{Rule0}:Filters:0:RequestMirror: Percent and Fraction say the same: only one of them.",
                    $"{Rule0}:Filters:0:RequestMirror:BackendRef:Name: found 'a b', allowed is the name of a service: letters, digits, '-' and '.'.",
                }));
        });

    [TestCase(null, null, null, 1.0)]
    [TestCase(0, null, null, 0.0)]
    [TestCase(25, null, null, 0.25)]
    [TestCase(null, 1, 1000, 0.001)]
    [TestCase(null, 3, 4, 0.75)]
    public void Draws_Share_IsThatOfTheConfiguration(int? percent, int? numerator, int? denominator, double share)
    {
        const int Draws = 200_000;
        var rule = Rule("r");
        rule.Filters.Add(Mirror(new RequestMirrorOptions
        {
            BackendRef = new() { Name = "m" },
            Percent = percent,
            Fraction = numerator is null ? null : new() { Numerator = numerator, Denominator = denominator!.Value },
        }));
        var mirror = Compile(("r", Route([], rule))).Rules[0].Mirrors[0];
        var random = new Random(7);
        var drawn = Enumerable.Range(0, Draws).Count(_ => mirror.Draws(random));

        // Five standard deviations; the seed is fixed.
        Assert.That(drawn, Is.EqualTo(Draws * share).Within(5 * Math.Sqrt(Draws * share * (1 - share))));
    }

    [Test]
    public void Compile_SeveralMirrors_AreAllowed()
    {
        var rule = Rule("r");
        rule.Filters = [Mirror(new() { BackendRef = new() { Name = "a" } }), Mirror(new() { BackendRef = new() { Name = "b" }, KeepCredentials = true })];
        var mirrors = Compile(("r", Route([], rule))).Rules[0].Mirrors;
        Assert.That(mirrors.Select(static mirror => (mirror.Backend.Service, mirror.KeepCredentials, mirror.Rule.Retry!.Attempts)), Is.EqualTo(new[] { ("a", false, (int?)0), ("b", true, 0) }));
    }

    [Test]
    public void Compile_FiltersOfABackend_AreHeaderModifiersOnly()
    {
        var rule = Rule("r");
        rule.BackendRefs =
        [
            new()
            {
                Name = "a",
                Subset = { ["version"] = "v2" },
                Filters =
                [
                    new() { Type = RouteFilterType.RequestHeaderModifier, RequestHeaderModifier = new() { Remove = ["x"] } },
                    new() { Type = RouteFilterType.ResponseHeaderModifier, ResponseHeaderModifier = new() { Remove = ["y"] } },
                ],
            },
        ];
        var backend = Compile(("r", Route([], rule))).Rules[0].Backends[0];
        Assert.That((backend.RequestHeaders!.Remove[0], backend.ResponseHeaders!.Remove[0], backend.Subset!["version"]), Is.EqualTo(("x", "y", "v2")));

        rule.BackendRefs[0].Filters.Add(new() { Type = RouteFilterType.URLRewrite, URLRewrite = new() { Hostname = "h" } });
        rule.BackendRefs[0].Filters.Add(new() { Type = RouteFilterType.RequestHeaderModifier, RequestHeaderModifier = new() { Remove = ["Host"] } });
        rule.BackendRefs[0].Subset[""] = "x";
        Assert.That(Routes.ErrorsOf(rule).Select(PathOf), Is.EqualTo(new[]
        {
            $"{Rule0}:BackendRefs:0:Subset",
            $"{Rule0}:BackendRefs:0:Filters:2:Type",
            $"{Rule0}:BackendRefs:0:Filters:3:Type",
            $"{Rule0}:BackendRefs:0:Filters:3:RequestHeaderModifier:Remove:0",
        }));
    }

    [Test]
    public void Compile_BadRetry_IsAllNamed()
    {
        var rule = Rule("r");
        rule.Retry = new RouteRetryOptions { Attempts = 11, Backoff = TimeSpan.Zero, Codes = [503, 200, 600] };
        Assert.That(Routes.ErrorsOf(rule).Select(PathOf), Is.EqualTo(new[]
        {
            $"{Rule0}:Retry:Attempts", $"{Rule0}:Retry:Backoff", $"{Rule0}:Retry:Codes:1", $"{Rule0}:Retry:Codes:2",
        }));
    }

    private static string PathOf(string error) => error[..error.IndexOf(": ", StringComparison.Ordinal)];

    private static RouteFilterOptions Direct(DirectResponseOptions options) => new() { Type = RouteFilterType.DirectResponse, DirectResponse = options };

    private static RouteFilterOptions Mirror(RequestMirrorOptions options) => new() { Type = RouteFilterType.RequestMirror, RequestMirror = options };

    private static IReadOnlyCollection<string> ErrorsOf(RouteFilterOptions filter)
    {
        var rule = Rule("r");
        rule.Filters.Add(filter);
        return Routes.ErrorsOf(rule);
    }
}
