using System.Net;
using Mesh.Server.Pipeline;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Server.Tests.Deadlines;

/// <summary>ASP.NET's own metadata bounds what a request to an endpoint may take, together with what its caller says.</summary>
internal sealed class EndpointDeadlineTests
{
    [TestCase("/short")]
    [TestCase("/short-attribute")]
    [TestCase("/short-named")]
    public async Task EndpointHasATime_NobodyElseHas_ItHolds(string path)
    {
        await using var app = await StartAsync();

        using var response = await SendAsync(app, path, null);

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.GatewayTimeout, "deadline-exceeded");
    }

    [Test]
    public async Task EndpointHasLessTimeThanTheService_ItHolds()
    {
        await using var app = await StartAsync(("RequestTimeout", "1h"));

        using var response = await SendAsync(app, "/short", "1H");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.GatewayTimeout, "deadline-exceeded");
    }

    [TestCase("/long")]
    [TestCase("/unbounded")]
    public async Task EndpointHasMoreTimeThanTheService_ItTakesThePlaceOfTheServices(string path)
    {
        await using var app = await StartAsync(("RequestTimeout", "100ms"));

        using var response = await SendAsync(app, path, null);

        Assert.That((response.StatusCode, await response.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.OK, "300 ms later")));
    }

    [TestCase("/long")]
    [TestCase("/unbounded")]
    public async Task EndpointHasMoreTimeThanTheCaller_TheCallersHolds(string path)
    {
        await using var app = await StartAsync(("RequestTimeout", "1h"));

        using var response = await SendAsync(app, path, "100m");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.GatewayTimeout, "deadline-exceeded");
    }

    [TestCase("/tell", null, "none none")]
    [TestCase("/tell-bounded", null, "set set")]
    [TestCase("/tell-unbounded", null, "none none")]
    [TestCase("/tell-unbounded", "1H", "set set")]
    public async Task Deadline_IsSeenByTheApplicationAndItsCalls(string path, string? callers, string expected)
    {
        await using var app = await StartAsync(path == "/tell" ? [] : [("RequestTimeout", "1h")]);

        using var response = await SendAsync(app, path, callers);

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(expected));
    }

    [Test]
    public async Task NamedPolicyThatIsUnknown_IsTheApplicationsError()
    {
        await using var app = await StartAsync();

        using var response = await SendAsync(app, "/misnamed", null);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
    }

    private static Task<ServedApp> StartAsync(params (string, string?)[] settings) => ServedApp.StartAsync(
        Map,
        settings,
        static builder => builder.Services.AddRequestTimeouts(static timeouts => timeouts.AddPolicy("brief", TimeSpan.FromMilliseconds(100))));

    private static void Map(WebApplication app)
    {
        app.MapGet("/short", Never).WithRequestTimeout(TimeSpan.FromMilliseconds(100));
        app.MapGet("/short-attribute", [RequestTimeout(100)] (HttpContext http) => Never(http));
        app.MapGet("/short-named", Never).WithRequestTimeout("brief");
        app.MapGet("/misnamed", Never).WithRequestTimeout("nobody defined it");
        app.MapGet("/long", (Delegate)LaterAsync).WithRequestTimeout(TimeSpan.FromHours(1));
        app.MapGet("/unbounded", (Delegate)LaterAsync).DisableRequestTimeout();
        app.MapGet("/tell", Tell);
        app.MapGet("/tell-bounded", Tell).WithRequestTimeout(TimeSpan.FromHours(1));
        app.MapGet("/tell-unbounded", Tell).DisableRequestTimeout();

        static Task Never(HttpContext http) => Task.Delay(Timeout.Infinite, http.RequestAborted);

        static async Task<string> LaterAsync(HttpContext http)
        {
            await Task.Delay(300, http.RequestAborted);
            return "300 ms later";
        }

        static string Tell(HttpContext http) =>
            $"{(http.Features.Get<MeshRequest>()!.Deadline.IsNone ? "none" : "set")} {(MeshContext.Current!.Deadline.IsNone ? "none" : "set")}";
    }

    private static async Task<HttpResponseMessage> SendAsync(ServedApp app, string path, string? timeout)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (timeout is not null)
        {
            request.Headers.Add("mesh-timeout", timeout);
        }

        return await app.Peer().SendAsync(request);
    }
}
