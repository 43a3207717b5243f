using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Shop;

/// <summary>A round through samples/Gateway: who shows what, and what comes of it. The keys are those of its README.</summary>
internal sealed class Visits(HttpClient gateway)
{
    private const string Acme = "mesh_ofbj3JEy2k90kJDBILKq98bP09d8Jj1hkOdb";
    private const string Trial = "mesh_FR7xMFOlrGIHyNWMa7Niq29iwXqskl1hxTEf";
    private const string Operator = "mesh_41qjJ7RJoLdNhewDV9YyfmTxJQ38PT0gMnJe";
    private const string Page = "api/v2/storefront/7";
    private const int TrialQuota = 5;

    private readonly List<string> _surprises = [];

    public int Made { get; private set; }

    /// <summary>What was answered in another way than it should.</summary>
    public IReadOnlyList<string> Surprises => _surprises;

    public async Task MakeAsync(CancellationToken cancellationToken)
    {
        await ExpectAsync("nobody", HttpStatusCode.OK, "", null, cancellationToken);
        await ExpectAsync("nobody", HttpStatusCode.Unauthorized, Page, null, cancellationToken);
        await ExpectAsync("a made-up key", HttpStatusCode.Unauthorized, Page, $"{Acme[..^1]}x", cancellationToken);
        await ExpectAsync("acme", HttpStatusCode.OK, Page, Acme, cancellationToken);
        for (var request = 0; request < TrialQuota; request++)
        {
            await ExpectAsync("trial", HttpStatusCode.OK, Page, Trial, cancellationToken);
        }

        await ExpectAsync("trial, above its quota", HttpStatusCode.TooManyRequests, Page, Trial, cancellationToken);
        await ExpectAsync("acme, at the usage", HttpStatusCode.Forbidden, "mesh/usage", Acme, cancellationToken);
        var usage = await ExpectAsync("the operator, at the usage", HttpStatusCode.OK, "mesh/usage?format=csv", Operator, cancellationToken);
        if (!usage.Contains(string.Create(CultureInfo.InvariantCulture, $"trial,storefront,200,2xx,{TrialQuota},"), StringComparison.Ordinal))
        {
            _surprises.Add($"usage: {usage.ReplaceLineEndings(" | ")}");
        }
    }

    private async Task<string> ExpectAsync(string who, HttpStatusCode expected, string path, string? key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (key is not null)
        {
            request.Headers.Add("X-Api-Key", key);
        }

        using var answer = await gateway.SendAsync(request, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        Made++;
        if (answer.StatusCode != expected)
        {
            _surprises.Add($"{who}, /{path}: {(int)answer.StatusCode} instead of {(int)expected}: {body}");
        }

        return body;
    }
}
