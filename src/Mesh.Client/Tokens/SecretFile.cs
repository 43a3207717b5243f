namespace Mesh.Client.Tokens;

/// <summary>Reads a secret that somebody else keeps fresh in a file.</summary>
internal static class SecretFile
{
    public const int MaxBytes = 64 * 1024;

    /// <returns>Its text without white space around it: editors end files with a new line.</returns>
    /// <exception cref="TokenFetchException">It is not there, empty, or too long to be one.</exception>
    public static async Task<string> ReadAsync(string path, string setting, CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, useAsync: true);
            await using (file.ConfigureAwait(false))
            {
                if (file.Length > MaxBytes)
                {
                    throw Fail($"{setting} '{path}' is longer than {MaxBytes} bytes.", null);
                }

                using var reader = new StreamReader(file);
                var text = await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
                return text.AsSpan().Trim() is { Length: > 0 } trimmed ? trimmed.ToString() : throw Fail($"{setting} '{path}' is empty.", null);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Fail($"{setting} '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private static TokenFetchException Fail(string message, Exception? cause) => new(new TokenFailure(TokenFailure.Credentials, message) { Cause = cause });
}
