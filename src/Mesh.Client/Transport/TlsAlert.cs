namespace Mesh.Client.Transport;

/// <summary>Finds the alert with which the other side ended a TLS connection (RFC 8446, 6) in what the platform has thrown.</summary>
internal static class TlsAlert
{
    // OpenSSL packs library and reason into its error codes, and its reasons for alerts received are 1000 + alert.
    private const int OpenSslLibrary = 20;
    private const int LibraryShift = 23;
    private const int ReasonMask = (1 << LibraryShift) - 1;
    private const int AlertOffset = 1000;
    private const int MaxDepth = 8;

    /// <summary>The alert, or <see langword="null"/>: there was none, or the platform does not tell.</summary>
    public static int? Find(Exception exception)
    {
        var current = exception;
        for (var depth = 0; current is not null && depth < MaxDepth; depth++, current = current.InnerException)
        {
            var alert = (current.HResult & ReasonMask) - AlertOffset;
            if (current.HResult >> LibraryShift == OpenSslLibrary && alert is > 0 and < 256)
            {
                return alert;
            }
        }

        return null;
    }

    /// <summary>Whether it says that the certificate shown, or its absence, was not acceptable. Whoever sends it reads no request.</summary>
    public static bool RefusesCertificate(int? alert) => alert is 42 or 43 or 44 or 45 or 46 or 48 or 49 or 116;

    public static string Describe(int alert) => alert switch
    {
        40 => "handshake_failure",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        48 => "unknown_ca",
        49 => "access_denied",
        70 => "protocol_version",
        112 => "unrecognized_name",
        116 => "certificate_required",
        120 => "no_application_protocol",
        _ => $"alert {alert}",
    };
}
