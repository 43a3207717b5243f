using Mesh.Configuration;

namespace Mesh.Gateway.Login;

/// <summary>Checks and compiles <see cref="LoginOptions"/>.</summary>
internal static class LoginValidation
{
    private const string HostPrefix = "__Host-";
    private const int MaxSecretBytes = 4096;

    private static readonly TimeSpan MinLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(30);

    /// <summary>Validates options and compiles them.</summary>
    /// <param name="options">The options; <see langword="null"/> when there is no such section.</param>
    /// <param name="isAdded">Whether the application has called <c>AddMeshLogin()</c>.</param>
    /// <param name="path">Where they stand.</param>
    /// <param name="errors">Takes what is wrong with them.</param>
    /// <returns><see langword="null"/> after an error, and when nobody logs in.</returns>
    public static LoginPolicy? Compile(LoginOptions? options, bool isAdded, string path, ConfigurationErrors errors)
    {
        if (!isAdded)
        {
            if (options is not null)
            {
                errors.Add(path, "nobody can log in: call AddMeshLogin() on the builder.");
            }

            return null;
        }

        options ??= new LoginOptions();
        var before = errors.All.Count;
        CheckProvider(options, path, errors);
        CheckPaths(options, path, errors);
        CheckSession(options, path, errors);
        var secret = SecretOf(options, path, errors);
        return errors.All.Count > before ? null : new LoginPolicy
        {
            Authority = options.Authority!,
            ClientId = options.ClientId!,
            ClientSecret = secret,
            Scopes = [.. options.Scopes],
            LoginPath = options.LoginPath,
            CallbackPath = options.CallbackPath,
            LogoutPath = options.LogoutPath,
            AfterLogout = options.AfterLogout,
            PublicOrigin = options.PublicOrigin?.TrimEnd('/'),
            CookieName = options.CookieName,
            SessionLifetime = options.SessionLifetime,
            IdleTimeout = options.IdleTimeout,
            UserInfo = options.UserInfo,
            SaveTokens = options.SaveTokens,
            TrustedOrigins = [.. options.TrustedOrigins.Select(static origin => origin.TrimEnd('/'))],
            KeysDirectory = options.KeysDirectory,
        };
    }

    private static void CheckProvider(LoginOptions options, string path, ConfigurationErrors errors)
    {
        const string Secure = "an https address without query and fragment, or http to this machine";
        if (string.IsNullOrEmpty(options.Authority))
        {
            errors.AddMissing($"{path}:{nameof(options.Authority)}", Secure);
        }
        else if (!Uri.TryCreate(options.Authority, UriKind.Absolute, out var authority)
            || !(authority.Scheme == Uri.UriSchemeHttps || (authority.Scheme == Uri.UriSchemeHttp && authority.IsLoopback))
            || authority.Query.Length > 0
            || authority.Fragment.Length > 0
            || authority.UserInfo.Length > 0)
        {
            errors.Add($"{path}:{nameof(options.Authority)}", options.Authority, Secure);
        }

        if (string.IsNullOrEmpty(options.ClientId))
        {
            errors.AddMissing($"{path}:{nameof(options.ClientId)}", "what the provider calls this gateway");
        }

        if (!options.Scopes.Contains("openid"))
        {
            errors.Add($"{path}:{nameof(options.Scopes)}", string.Join(' ', options.Scopes), "a list with 'openid', without which nobody says who the user is");
        }

        for (var i = 0; i < options.Scopes.Count; i++)
        {
            if (options.Scopes[i].Length == 0 || options.Scopes[i].AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                errors.Add($"{path}:{nameof(options.Scopes)}:{i}", options.Scopes[i], "a scope: printable ASCII without spaces");
            }
        }
    }

    private static void CheckPaths(LoginOptions options, string path, ConfigurationErrors errors)
    {
        CheckPath($"{path}:{nameof(options.LoginPath)}", options.LoginPath, errors);
        CheckPath($"{path}:{nameof(options.CallbackPath)}", options.CallbackPath, errors);
        CheckPath($"{path}:{nameof(options.LogoutPath)}", options.LogoutPath, errors);
        if (new[] { options.LoginPath, options.CallbackPath, options.LogoutPath }.Distinct(StringComparer.OrdinalIgnoreCase).Count() < 3)
        {
            errors.Add(path, $"{nameof(options.LoginPath)}, {nameof(options.CallbackPath)} and {nameof(options.LogoutPath)} must differ.");
        }

        if (!ReturnUrl.IsLocal(options.AfterLogout))
        {
            errors.Add($"{path}:{nameof(options.AfterLogout)}", options.AfterLogout, "a path of this gateway that begins with one '/'");
        }

        if (options.PublicOrigin is not null && !IsOrigin(options.PublicOrigin))
        {
            errors.Add($"{path}:{nameof(options.PublicOrigin)}", options.PublicOrigin, "scheme and host, such as https://shop.example");
        }

        for (var i = 0; i < options.TrustedOrigins.Count; i++)
        {
            if (!IsOrigin(options.TrustedOrigins[i]))
            {
                errors.Add($"{path}:{nameof(options.TrustedOrigins)}:{i}", options.TrustedOrigins[i], "scheme and host, such as https://app.shop.example");
            }
        }
    }

    private static void CheckSession(LoginOptions options, string path, ConfigurationErrors errors)
    {
        if (!options.CookieName.StartsWith(HostPrefix, StringComparison.Ordinal)
            || options.CookieName.Length is <= 7 or > 64
            || !options.CookieName.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
        {
            errors.Add($"{path}:{nameof(options.CookieName)}", options.CookieName, $"'{HostPrefix}' and up to 57 letters, digits, '-', '_' and '.'");
        }

        if (options.SessionLifetime < MinLifetime || options.SessionLifetime > MaxLifetime)
        {
            errors.Add($"{path}:{nameof(options.SessionLifetime)}", options.SessionLifetime, "a duration from a minute to 30 days");
        }

        if (options.IdleTimeout < MinLifetime || options.IdleTimeout > options.SessionLifetime)
        {
            errors.Add($"{path}:{nameof(options.IdleTimeout)}", options.IdleTimeout, $"a duration from a minute to {nameof(options.SessionLifetime)}");
        }

        CheckFolder($"{path}:{nameof(options.KeysDirectory)}", options.KeysDirectory, errors);
    }

    private static void CheckFolder(string path, string? folder, ConfigurationErrors errors)
    {
        if (folder is null)
        {
            return;
        }

        if (string.IsNullOrWhiteSpace(folder))
        {
            errors.Add(path, folder, "the path of a folder");
            return;
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            errors.Add(path, $"'{folder}' cannot be used ({exception.GetType().Name}).");
        }
    }

    private static string? SecretOf(LoginOptions options, string path, ConfigurationErrors errors)
    {
        if (options.ClientSecretFile is not { } file)
        {
            return options.ClientSecret;
        }

        var where = $"{path}:{nameof(options.ClientSecretFile)}";
        if (options.ClientSecret is not null)
        {
            errors.Add(where, $"set either this or {nameof(options.ClientSecret)}.");
            return null;
        }

        try
        {
            if (new FileInfo(file).Length <= MaxSecretBytes && File.ReadAllText(file).Trim() is { Length: > 0 } secret)
            {
                return secret;
            }

            errors.Add(where, file, $"a file with the secret, of up to {MaxSecretBytes} bytes");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            errors.Add(where, $"'{file}' cannot be read ({exception.GetType().Name}).");
        }

        return null;
    }

    private static void CheckPath(string path, string value, ConfigurationErrors errors)
    {
        if (!ReturnUrl.IsLocal(value) || value.Length < 2 || value.AsSpan().ContainsAny("?#%"))
        {
            errors.Add(path, value, "a path that begins with one '/', without query and escapes");
        }
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri is { AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" };
}
