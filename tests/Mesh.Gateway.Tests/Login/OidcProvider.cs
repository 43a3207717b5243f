using System.Diagnostics;
using System.Text.Json;

namespace Mesh.Gateway.Tests.Login;

/// <summary>The certified OpenID provider that others wrote (<c>oidc-provider</c> of npm), on a loopback port.</summary>
internal sealed class OidcProvider : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Installation = new(InstallAsync);

    private readonly Process _process;

    private OidcProvider(Process process, string issuer)
    {
        _process = process;
        Issuer = issuer;
    }

    public string Issuer { get; }

    /// <summary>The members of <c>Mesh:Gateway:Login</c> that lead to it.</summary>
    public string Settings => $""" "Authority": "{Issuer}", "ClientId": "edge", "ClientSecret": "a-secret-of-the-edge-and-nobody-else" """;

    /// <summary>Starts one that knows the client <c>edge</c>.</summary>
    /// <param name="accessTokenSeconds">How long access tokens are good for.</param>
    /// <param name="refreshes">Whether it gives refresh tokens.</param>
    /// <param name="hasClaimsInIdTokens">Whether ID tokens have the user's claims, and not only the endpoint for them.</param>
    /// <param name="takesPushedRequests">Whether it has an endpoint for pushed authorization requests (RFC 9126).</param>
    /// <param name="moreGroups">How many groups users have besides two: each makes an ID token about 27 characters longer.</param>
    public static async Task<OidcProvider> StartAsync(
        int accessTokenSeconds = 3600,
        bool refreshes = false,
        bool hasClaimsInIdTokens = true,
        bool takesPushedRequests = true,
        int moreGroups = 0)
    {
        var settings = JsonSerializer.Serialize(new
        {
            redirectUris = new[] { "https://shop.example/mesh/login/callback", "http://shop.example/mesh/login/callback" },
            postLogoutRedirectUris = new[] { "https://shop.example/bye", "https://shop.example/" },
            accessTokenSeconds,
            refreshes,
            hasClaimsInIdTokens,
            takesPushedRequests,
            moreGroups,
        });
        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = await Installation.Value };
        start.ArgumentList.Add("provider.js");
        start.ArgumentList.Add(settings);
        var process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        var issuer = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(issuer, Does.StartWith("http://127.0.0.1:"), "the provider has not started");
        return new OidcProvider(process, issuer!);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    // Below artifacts/, where a second run finds it.
    private static async Task<string> InstallAsync()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "oidc");
        var folder = Path.Combine(AppContext.BaseDirectory, "oidc-installed");
        Directory.CreateDirectory(folder);
        var wanted = await File.ReadAllTextAsync(Path.Combine(source, "package-lock.json"));
        var stamp = Path.Combine(folder, "installed");
        if (!File.Exists(stamp) || await File.ReadAllTextAsync(stamp) != wanted)
        {
            File.Copy(Path.Combine(source, "package.json"), Path.Combine(folder, "package.json"), overwrite: true);
            File.Copy(Path.Combine(source, "package-lock.json"), Path.Combine(folder, "package-lock.json"), overwrite: true);
            await RunNpmAsync(folder);
            await File.WriteAllTextAsync(stamp, wanted);
        }

        File.Copy(Path.Combine(source, "provider.js"), Path.Combine(folder, "provider.js"), overwrite: true);
        return folder;
    }

    private static async Task RunNpmAsync(string folder)
    {
        var start = new ProcessStartInfo("npm") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var argument in new[] { "ci", "--no-audit", "--no-fund", "--ignore-scripts" })
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
        Assert.That(process.ExitCode, Is.Zero, $"npm ci: {await output} {await errors}");
    }
}
