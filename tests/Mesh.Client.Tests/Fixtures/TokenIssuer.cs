using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>A token endpoint on a loopback port.</summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TokenIssuer(WebApplication app) => _app = app;

    public string Address => $"{_app.Urls.Single()}/token";

    /// <summary>What was asked, in order: the form, with the field <c>Authorization</c> beside it.</summary>
    public ConcurrentQueue<Dictionary<string, string>> Asked { get; } = new();

    /// <summary>Paths other than the endpoint that somebody came to.</summary>
    public ConcurrentQueue<string> Strayed { get; } = new();

    public Func<HttpContext, int, Task> Answer { get; set; } = static (http, number) => GiveAsync(http, $"issued-{number}");

    public static Task GiveAsync(HttpContext http, string token) =>
        http.Response.WriteAsJsonAsync(new Dictionary<string, object> { ["access_token"] = token, ["token_type"] = "Bearer", ["expires_in"] = 600 });

    public static Task RefuseAsync(HttpContext http, string error, int status = 400)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(new Dictionary<string, object> { ["error"] = error });
    }

    public static async Task<TokenIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var issuer = new TokenIssuer(app);
        app.MapPost("/token", async http =>
        {
            var form = (await http.Request.ReadFormAsync()).ToDictionary(static field => field.Key, static field => field.Value.ToString(), StringComparer.Ordinal);
            form["Authorization"] = http.Request.Headers.Authorization.ToString();
            issuer.Asked.Enqueue(form);
            await issuer.Answer(http, issuer.Asked.Count);
        });
        app.MapFallback(http =>
        {
            issuer.Strayed.Enqueue(http.Request.Path);
            return GiveAsync(http, "strayed");
        });
        await app.StartAsync();
        return issuer;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
