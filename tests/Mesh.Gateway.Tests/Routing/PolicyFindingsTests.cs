using System.Text;
using System.Text.Json;
using Mesh.Gateway.Caching;
using Mesh.Configuration;
using Mesh.Gateway.Routing;
using Mesh.Gateway.State;
using Mesh.Identity;
using Mesh.Routing.Findings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Tests.Routing;

public sealed class PolicyFindingsTests
{
    private const string Orders = """ "Rules": [ { "BackendRefs": [ { "Name": "orders" } ] } ] """;
    private const string Closed = """ "Rules": [ { "Filters": [ { "Type": "Auth", "Auth": { "Accept": [ "Token" ] } } ], "BackendRefs": [ { "Name": "orders" } ] } ] """;
    private const string Open = """ "Rules": [ { "Filters": [ { "Type": "Auth", "Auth": { "Anonymous": true } } ], "BackendRefs": [ { "Name": "orders" } ] } ] """;
    private const string Moved = """ "Rules": [ { "Matches": [ { "Method": "GET" } ], "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Scheme": "https" } } ] } ] """;

    [TestCase("", Orders, "")]
    [TestCase("", Open, "")]
    [TestCase("", Closed, "Unauthenticated Mesh:Gateway:Routes:b:Rules:0 -")]
    [TestCase(""" "Auth": { "Accept": [ "Token" ] }, """, Closed, "")]
    [TestCase(""" "Auth": { "Accept": [ "Token" ] }, """, Open, "Anonymous Mesh:Gateway:Routes:a:Rules:0 Mesh:Gateway:Auth")]
    [TestCase(""" "Auth": { "Anonymous": true }, """, Open, "")]
    [TestCase(""" "Hosts": [ "a.example", "*.b.example" ], """, Orders, "Unreachable Mesh:Gateway:Routes:b:Hostnames:0 Mesh:Gateway:Hosts")]
    public void Load_Routes_AreReportedOnce(string gateway, string first, string expected)
    {
        var log = new Recorder();
        using var app = Start($$"""{ {{gateway}} "Routes": { "a": { "Hostnames": [ "a.example", "c.b.example" ], {{first}} }, "b": { "Hostnames": [ "b.example", "*.c.example" ], {{Orders}} }, "c": { "Hostnames": [ "a.example" ], {{Moved}} } } }""", log);
        var policy = app.Services.GetRequiredService<PolicySource<GatewayPolicy>>();
        Assert.That(string.Join('\n', policy.Current.Findings.Select(static finding => $"{finding.Kind} {finding.Path} {finding.Other ?? "-"}")), Is.EqualTo(expected));
        Assert.That(log.Findings, Has.Count.EqualTo(expected.Length == 0 ? 0 : 1));

        policy.Refresh();
        Assert.That(log.Findings, Has.Count.EqualTo(expected.Length == 0 ? 0 : 1), "said once");
    }

    [Test]
    public void Load_EqualRoutes_NamesBothInLogAndState()
    {
        var log = new Recorder();
        using var app = Start($$"""{ "Routes": { "a": { {{Orders}} }, "b": { {{Orders}} } } }""", log);
        var policy = app.Services.GetRequiredService<PolicySource<GatewayPolicy>>();
        Assert.That(log.Findings, Is.EqualTo([
            (LogLevel.Warning, "Ambiguous Mesh:Gateway:Routes:b:Rules:0 (see Mesh:Gateway:Routes:a:Rules:0): it takes no request for every host: the route 'a' says the same and comes first by its name."),
        ]));

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            new MeshGatewayState(policy, new MeshGatewayCache()).Write(writer);
        }

        Assert.That(Encoding.UTF8.GetString(buffer.ToArray()), Does.Contain(""" "findings":[{"kind":"Ambiguous","path":"Mesh:Gateway:Routes:b:Rules:0","other":"Mesh:Gateway:Routes:a:Rules:0","message": """.Trim()));
    }

    [Test]
    public void Load_ThousandsOfFindings_SaysAHundred()
    {
        var log = new Recorder();
        using var app = Start($$"""{ "Routes": { {{string.Join(',', Enumerable.Range(0, 500).Select(static i => $$""" "r{{i:d3}}": { {{Orders}} } """))}} } }""", log);
        Assert.That(app.Services.GetRequiredService<PolicySource<GatewayPolicy>>().Current.Findings, Has.Length.EqualTo(499));
        Assert.That(log.Findings, Has.Count.EqualTo(101));
        Assert.That(log.Findings[^1].Message, Does.StartWith("399 more"));
    }

    private static WebApplication Start(string gateway, Recorder log)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "edge" });
        builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "Mesh": { "Gateway": {{gateway}} } }""")));
        builder.WebHost.UseKestrelCore();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton<IIdentitySource>(new TestIdentity("edge"));
        builder.AddMeshGateway();
        return builder.Build();
    }

    private sealed class Recorder : ILoggerProvider, ILogger
    {
        public List<(LogLevel Level, string Message)> Findings { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id is >= 41 and <= 43 && formatter(state, exception) is var message && (message.Contains("Mesh:Gateway", StringComparison.Ordinal) || message.Contains("more such", StringComparison.Ordinal)))
            {
                Findings.Add((logLevel, message));
            }
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Dispose()
        {
        }
    }
}
