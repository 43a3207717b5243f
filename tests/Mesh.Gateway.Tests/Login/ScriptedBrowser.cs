using System.Net;
using System.Text.RegularExpressions;

namespace Mesh.Gateway.Tests.Login;

/// <summary>
/// Does what a browser does at a login: opens pages, keeps cookies, follows redirects and sends forms. Users call the gateway
/// <c>https://shop.example</c>; a proxy that ends TLS would stand between.
/// </summary>
internal sealed partial class ScriptedBrowser(Uri edge) : IDisposable
{
    public const string Shop = "https://shop.example";

    private const int MaxRedirects = 20;

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    /// <summary>The cookies by host and name.</summary>
    public Dictionary<(string Host, string Name), string> Cookies { get; } = [];

    /// <summary>What was set last, attributes and all.</summary>
    public List<string> SetCookies { get; } = [];

    public IEnumerable<string> ShopCookies => Cookies.Keys.Where(static key => key.Host == "shop.example").Select(static key => key.Name);

    /// <summary>Sends one request, as pages and links do.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, Uri address, Dictionary<string, string>? form = null, params (string Name, string Value)[] headers)
    {
        var isShop = address.Host == "shop.example";
        using var request = new HttpRequestMessage(method, isShop ? new Uri(edge, address.PathAndQuery) : address);
        if (isShop)
        {
            request.Headers.Host = "shop.example";
        }

        var cookies = string.Join("; ", Cookies.Where(cookie => cookie.Key.Host == address.Host).Select(static cookie => $"{cookie.Key.Name}={cookie.Value}"));
        if (cookies.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookies);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (form is not null)
        {
            request.Content = new FormUrlEncodedContent(form);
        }

        using var response = await _client.SendAsync(request);
        Keep(address.Host, response);
        var location = response.Headers.Location;
        return new Answer(
            response.StatusCode,
            location is null ? null : new Uri(address, location),
            await response.Content.ReadAsStringAsync(),
            address,
            response.Headers.TryGetValues("Set-Cookie", out var set) ? [.. set] : [],
            response.Headers.CacheControl?.ToString());
    }

    /// <summary>Opens a page of the shop without following where it leads.</summary>
    public Task<Answer> OpenAsync(string path, params (string Name, string Value)[] headers) => OpenAsync(new Uri($"{Shop}{path}"), headers);

    public Task<Answer> OpenAsync(Uri address, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, address, null, [("Accept", "text/html,application/xhtml+xml"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"), .. headers]);

    /// <summary>Opens a page, follows where it leads, and logs in on the way.</summary>
    /// <param name="path">The page of the shop.</param>
    /// <param name="user">Who logs in.</param>
    /// <param name="stopsAt">The beginning of an address that is not opened: it is in the answer.</param>
    public async Task<Answer> LogInAsync(string path, string user = "ada", string? stopsAt = null) => await FollowAsync(await OpenAsync(path), user, stopsAt);

    public async Task<Answer> FollowAsync(Answer answer, string user = "ada", string? stopsAt = null)
    {
        for (var i = 0; i < MaxRedirects; i++)
        {
            if (answer.Location is { } next)
            {
                if (stopsAt is not null && next.AbsoluteUri.StartsWith(stopsAt, StringComparison.Ordinal))
                {
                    return answer;
                }

                answer = await OpenAsync(next);
            }
            else if (answer.Status == HttpStatusCode.OK && Form().Match(answer.Body) is { Success: true } form)
            {
                var fields = Hidden().Matches(answer.Body).ToDictionary(static match => match.Groups["name"].Value, static match => match.Groups["value"].Value);
                if (answer.Body.Contains("name=\"login\"", StringComparison.Ordinal))
                {
                    fields["login"] = user;
                    fields["password"] = "any";
                }
                else if (answer.Body.Contains("name=\"logout\"", StringComparison.Ordinal))
                {
                    fields["logout"] = "yes";
                }

                answer = await SendAsync(HttpMethod.Post, new Uri(answer.Address, WebUtility.HtmlDecode(form.Groups["action"].Value)), fields);
            }
            else
            {
                return answer;
            }
        }

        throw new InvalidOperationException($"Too many redirects, the last to {answer.Address}.");
    }

    public void Dispose() => _client.Dispose();

    private void Keep(string host, HttpResponseMessage response)
    {
        foreach (var line in response.Headers.TryGetValues("Set-Cookie", out var lines) ? lines : [])
        {
            SetCookies.Add(line);
            var pair = line.Split(';')[0].Split('=', 2);
            var expires = Expires().Match(line);
            if (expires.Success && DateTimeOffset.Parse(expires.Groups["time"].Value, System.Globalization.CultureInfo.InvariantCulture) < DateTimeOffset.UtcNow)
            {
                Cookies.Remove((host, pair[0]));
            }
            else
            {
                Cookies[(host, pair[0])] = pair[1];
            }
        }
    }

    [GeneratedRegex("""<form[^>]* action="(?<action>[^"]+)"[^>]*>""")]
    private static partial Regex Form();

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]+)" value="(?<value>[^"]*)"\s*/?>""")]
    private static partial Regex Hidden();

    [GeneratedRegex("expires=(?<time>[^;]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Expires();

    /// <summary>What came back.</summary>
    internal sealed record Answer(HttpStatusCode Status, Uri? Location, string Body, Uri Address, IReadOnlyList<string> SetCookies, string? CacheControl);
}
