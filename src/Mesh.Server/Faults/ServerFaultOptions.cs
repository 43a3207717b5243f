using Mesh.Configuration;
using Mesh.Faults;

namespace Mesh.Server.Faults;

/// <summary>What some requests suffer on purpose. The first entry that takes a request decides.</summary>
public sealed class ServerFaultOptions
{
    /// <summary>Canonical paths, in any case: whole, or with a trailing <c>*</c> for everything that begins so.</summary>
    /// <value>Default none: all.</value>
    public List<string> Paths { get; set; } = [];

    /// <summary>Methods, in any case.</summary>
    /// <value>Default none: all.</value>
    public List<string> Methods { get; set; } = [];

    /// <summary>What they suffer; required.</summary>
    public FaultOptions? Fault { get; set; }

    internal static void Read(ConfigurationReader reader, ServerFaultOptions options)
    {
        options.Paths = reader.Texts(nameof(Paths)) ?? options.Paths;
        options.Methods = reader.Texts(nameof(Methods)) ?? options.Methods;
        options.Fault = reader.SectionOrNull(nameof(Fault), options.Fault, FaultOptions.Read);
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < Paths.Count; i++)
        {
            if (!Paths[i].StartsWith('/') || Paths[i].AsSpan(0, Math.Max(0, Paths[i].Length - 1)).Contains('*'))
            {
                errors.Add($"{path}:{nameof(Paths)}:{i}", Paths[i], "a path such as '/orders' or '/orders/*'");
            }
        }

        if (Fault is null)
        {
            errors.AddMissing($"{path}:{nameof(Fault)}", "a section");
        }
    }
}
