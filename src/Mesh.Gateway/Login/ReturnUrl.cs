namespace Mesh.Gateway.Login;

/// <summary>Where a browser goes when it has logged in. A login page that sends browsers anywhere lends its good name to strangers.</summary>
internal static class ReturnUrl
{
    // It travels in the state, which travels in the address of the provider.
    private const int MaxLength = 2000;

    /// <summary>Whether it is a path of this gateway: browsers read <c>//host</c> and <c>/\host</c> as another host, and skip control characters.</summary>
    public static bool IsLocal(string? url)
    {
        if (url is not ['/', ..] || url is ['/', '/', ..] || url.Length > MaxLength)
        {
            return false;
        }

        foreach (var letter in url)
        {
            if (letter is <= ' ' or '\\' or >= '\u007f')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The same, where it is local; the root otherwise.</summary>
    public static string Guard(string? url) => IsLocal(url) ? url! : "/";
}
