using Mesh.Configuration;

namespace Mesh.Gateway.Https;

/// <summary>What browsers are told about a host that is reached by TLS: to come back by nothing else (<c>Strict-Transport-Security</c>, RFC 6797).</summary>
public sealed class HstsOptions
{
    /// <summary>How long they shall remember: whole seconds, up to two years. 0 makes them forget.</summary>
    /// <value>Default <see langword="null"/>: they are told nothing.</value>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>Whether it holds for every host below this one too.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool IncludeSubDomains { get; set; }

    /// <summary>Whether the makers of browsers may put the host on the list that they ship. It takes <see cref="IncludeSubDomains"/> and a year, and is hard to take back.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool Preload { get; set; }

    internal static void Read(ConfigurationReader reader, HstsOptions options)
    {
        options.MaxAge = reader.Duration(nameof(MaxAge)) ?? options.MaxAge;
        options.IncludeSubDomains = reader.Boolean(nameof(IncludeSubDomains)) ?? options.IncludeSubDomains;
        options.Preload = reader.Boolean(nameof(Preload)) ?? options.Preload;
    }
}
