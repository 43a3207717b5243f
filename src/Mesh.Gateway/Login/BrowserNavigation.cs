using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Login;

/// <summary>Tells a browser that opens a page, which can be sent to log in, from scripts and programs, which cannot.</summary>
internal static class BrowserNavigation
{
    public static bool Is(HttpRequest request)
    {
        var headers = request.Headers;
        return HttpMethods.IsGet(request.Method)
            && headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            && headers["Sec-Fetch-Mode"].ToString() is "" or "navigate"
            && headers["Sec-Fetch-Dest"].ToString() is "" or "document"
            && headers.Upgrade.Count == 0
            && headers.XRequestedWith.Count == 0;
    }
}
