using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Gateway.Tests.Routing;

/// <summary>The normative rules of HTTPRoute and GRPCRoute, sentence by sentence, through real sockets.</summary>
public sealed class RoutingTableTests
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    [TestCaseSource(typeof(RoutingTables), nameof(RoutingTables.All))]
    public async Task Request_OfTheTable_GoesWhereTheRulesSay(string routes, string gateway, string cases)
    {
        await using var backend = await (cases.Contains("GRPC ", StringComparison.Ordinal) ? Backend.StartPlainHttp2Async(Echo) : Backend.StartAsync(Echo));
        await using var edge = await Edge.StartWithMembersAsync(routes, gateway, "", ("b", backend.Address));
        List<string> failures = [];
        foreach (var line in RoutingCase.Parse(cases))
        {
            var found = await SendAsync(edge, line);
            if (found != line.Expected)
            {
                failures.Add($"{line.Line}\n    but found {found}");
            }
        }

        Assert.That(failures, Is.Empty);
    }

    [Test]
    public void Tables_Together_HaveAtLeastTwoHundredCases() => Assert.That(
        RoutingTables.All().Sum(static table => RoutingCase.Parse((string)table.Arguments[2]!).Count()),
        Is.GreaterThanOrEqualTo(200));

    // "rule", or "rule target" when the service was asked for something else than the gateway.
    private static Task Echo(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return http.Response.WriteAsync($"{http.Request.Headers["x-rule"]} {target} {http.Request.Host}");
    }

    private static async Task<string> SendAsync(Edge edge, RoutingCase line)
    {
        var isGrpc = line.Method == "GRPC";
        using var request = new HttpRequestMessage(
            new HttpMethod(isGrpc ? "POST" : line.Method),
            new Uri($"{(isGrpc ? edge.Http2Address : edge.Address).GetLeftPart(UriPartial.Authority)}{line.Target}", AsWritten));
        request.Headers.Host = line.Host;
        if (isGrpc)
        {
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            request.Content = new ByteArrayContent([]) { Headers = { { "Content-Type", "application/grpc" } } };
        }

        foreach (var (name, value) in line.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var client = new HttpMessageInvoker(handler);
        using var response = await client.SendAsync(request, CancellationToken.None);
        if (response.Headers.TryGetValues("grpc-status", out var status))
        {
            return $"grpc {status.Single()}";
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            return response.Headers.Location is { } location ? $"{(int)response.StatusCode} {location.OriginalString}" : $"{(int)response.StatusCode}";
        }

        var (rule, target, host) = await response.Content.ReadAsStringAsync() is { Length: > 0 } body && body.Split(' ') is [var r, var t, var h] ? (r, t, h) : ("direct", line.Target, "");
        var rewrittenHost = host.Length > 0 && !host.StartsWith('b') && !host.StartsWith("127.", StringComparison.Ordinal) ? $" {host}" : "";
        return target == line.Target && rewrittenHost.Length == 0 ? rule : $"{rule} {target}{rewrittenHost}";
    }
}
