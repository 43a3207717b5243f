using System.Net;
using System.Text.Json;

namespace Mesh.Server.Tests.Hosting;

internal static class ProblemAssert
{
    /// <summary>Asserts that the response is the problem, in every part of its form.</summary>
    public static async Task<JsonElement> IsProblemAsync(HttpResponseMessage response, HttpStatusCode status, string reason)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((response.StatusCode, response.Content.Headers.ContentType?.MediaType), Is.EqualTo((status, "application/problem+json")), text);
        using var json = JsonDocument.Parse(text);
        var root = json.RootElement.Clone();
        Assert.That(root.GetProperty("type").GetString(), Is.EqualTo($"urn:mesh:problem:{reason}"));
        Assert.That(root.GetProperty("status").GetInt32(), Is.EqualTo((int)status));
        Assert.That(root.GetProperty("title").GetString(), Is.Not.Empty);
        Assert.That(root.GetProperty("traceId").GetString(), Is.Not.Empty);
        return root;
    }
}
