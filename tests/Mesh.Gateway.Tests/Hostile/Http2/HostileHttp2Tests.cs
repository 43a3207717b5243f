using System.Net;
using Mesh.Gateway.Tests.Protocols;

namespace Mesh.Gateway.Tests.Hostile.Http2;

/// <summary>
/// Hostile frames, over TLS and without: each request is refused with its status, its stream or its connection ended, or it
/// arrives in normal form; the protected path never.
/// </summary>
[TestFixture(Front.Http2)]
[TestFixture(Front.Http2OverTls)]
public sealed class HostileHttp2Tests(Front front)
{
    private const int ProbeStream = 99;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private RawBackend _backend = null!;
    private Edge _edge = null!;
    private HttpClient _other = null!;

    private static IEnumerable<TestCaseData> Corpus() =>
        ((Http2Case[])[.. HostileHeads.All, .. HostileTargets.All, .. HostileFrames.All, .. HostileBlocks.All])
        .Select(static (hostile, index) => new TestCaseData(hostile).SetArgDisplayNames($"{index}", HostileRequestTests.Printable(hostile.Name)));

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _backend = new RawBackend();
        _edge = await Edge.StartWithMembersAsync(Edge.Everything("shop"), HostileRequestTests.Gateway, HostileRequestTests.Server, ("shop", _backend.Address));
        _other = front.CreateClient(_edge);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _other.Dispose();
        await _edge.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [TestCaseSource(nameof(Corpus))]
    public async Task Frames_Hostile_AreRefusedOrArriveInNormalForm(object given)
    {
        var hostile = (Http2Case)given;
        _backend.Forget();
        var expected = hostile.Expected.Split(", ", StringSplitOptions.RemoveEmptyEntries);
        var address = front.AddressOf(_edge);
        await using var connection = await Http2Connection.ConnectAsync(address);
        await connection.WriteAsync(hostile.Frames(address.Scheme));

        // Who is told nothing is not told less for asking: the connection still works, or says why not.
        await connection.WriteAsync(Http2Frames.Headers(ProbeStream, true, Http2Case.Head("GET", address.Scheme, "/probe")));
        var streams = expected.Count(static one => !one.StartsWith("away", StringComparison.Ordinal));
        await connection.ReadUntilAsync(one => one.Outcomes.ContainsKey(ProbeStream) && one.Outcomes.Count > streams, Patience);

        using var probe = new HttpRequestMessage(HttpMethod.Get, "/other") { Headers = { Host = "shop.example" }, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var other = await _other.SendAsync(probe);

        var outcomes = connection.Outcomes.Where(static one => one.Key != ProbeStream).Select(static one => one.Value);
        var seen = _backend.Requests.ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(string.Join(", ", [.. outcomes, .. EndOf(connection, expected)]), Is.EqualTo(string.Join(", ", expected.Select(OutcomeOf))));
            Assert.That(connection.Outcomes.GetValueOrDefault(ProbeStream), Is.EqualTo(streams == expected.Length ? "200/probe" : null));
            Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(
                seen.Select(static one => one.Target).Where(static target => target is not ("/probe" or "/other")),
                Is.EqualTo(expected.Where(static one => one.Contains('/', StringComparison.Ordinal)).Select(static one => one[3..])));
            Assert.That(_backend.Violations, Is.Empty);
            Assert.That(seen.Select(static one => one.LaxPath), Has.None.StartsWith("/admin"));
            Assert.That(seen.Select(static one => one["X-Forwarded-Host"]), Is.All.EqualTo("shop.example").IgnoreCase);
            foreach (var demand in hostile.Upstream)
            {
                var colon = demand.IndexOf(": ", StringComparison.Ordinal);
                Assert.That(seen.FirstOrDefault(static one => one.Target == "/x")?[colon < 0 ? demand : demand[..colon]], Is.EqualTo(colon < 0 ? null : demand[(colon + 2)..]), demand);
            }
        });
    }

    // Where the connection is closed with frames in it that nobody has read, its last word may be lost.
    private static string[] EndOf(Http2Connection connection, string[] expected) =>
        connection.GoAway is { } code ? [$"away {code}"]
        : connection.HasEnded && expected.Length > 0 && expected[^1].StartsWith("away", StringComparison.Ordinal) ? [expected[^1]]
        : [];

    // Only the answer of the service says what it saw.
    private static string OutcomeOf(string expected) =>
        expected.Contains('/', StringComparison.Ordinal) && !expected.StartsWith("200", StringComparison.Ordinal) ? expected[..3] : expected;
}
