using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>A service that gets copies of requests, in the open: what it answers, or whether it does, is nobody's problem.</summary>
public sealed class RequestMirrorOptions
{
    /// <summary>Who gets the copies; required. Its weight means nothing.</summary>
    public BackendRefOptions? BackendRef { get; set; }

    /// <summary>The share of requests that is copied, 0 to 100.</summary>
    /// <value>Default 100. Not together with <see cref="Fraction"/>.</value>
    public int? Percent { get; set; }

    /// <summary>The share of requests that is copied, where whole percents are too coarse.</summary>
    public RouteFractionOptions? Fraction { get; set; }

    /// <summary>
    /// Whether the copies keep <c>Authorization</c>, <c>Proxy-Authorization</c> and <c>Cookie</c>: whoever gets them can act
    /// in the name of the caller. Beyond the Gateway API.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool KeepCredentials { get; set; }

    internal static void Read(ConfigurationReader reader, RequestMirrorOptions options)
    {
        options.BackendRef = reader.SectionOrNull(nameof(BackendRef), options.BackendRef, BackendRefOptions.Read);
        options.Percent = reader.Integer(nameof(Percent)) ?? options.Percent;
        options.KeepCredentials = reader.Boolean(nameof(KeepCredentials)) ?? options.KeepCredentials;
        options.Fraction = reader.SectionOrNull(nameof(Fraction), options.Fraction, RouteFractionOptions.Read);
    }
}
