using Mesh.Configuration;

namespace Mesh.Server.LoadShedding;

/// <summary>How the requests for some paths are treated when there is too much to do.</summary>
public sealed class LoadSheddingRouteOptions
{
    /// <summary>Canonical paths, in any case: whole, or with a trailing <c>*</c> for everything that begins so. Required.</summary>
    public List<string> Paths { get; set; } = [];

    /// <summary>Methods, in any case.</summary>
    /// <value>Default none: all.</value>
    public List<string> Methods { get; set; } = [];

    /// <summary>How critical they are, whatever the caller says.</summary>
    /// <value>Default <see langword="null"/>: as the caller says, else <see cref="Mesh.Criticality.Critical"/>.</value>
    public Criticality? Criticality { get; set; }

    /// <summary>How many of them are served at a time, beside the limit of all; those beyond are refused at once.</summary>
    /// <value>Default <see langword="null"/>: no limit of their own.</value>
    public int? Limit { get; set; }

    /// <summary>Whether they are served without a limit: for streams that stay open.</summary>
    /// <value>Default <see langword="false"/>. WebSockets and event streams are always exempt.</value>
    public bool Exempt { get; set; }

    internal static void Read(ConfigurationReader reader, LoadSheddingRouteOptions options)
    {
        options.Paths = reader.Texts(nameof(Paths)) ?? options.Paths;
        options.Methods = reader.Texts(nameof(Methods)) ?? options.Methods;
        options.Criticality = reader.OneOf<Criticality>(nameof(Criticality)) ?? options.Criticality;
        options.Limit = reader.Integer(nameof(Limit)) ?? options.Limit;
        options.Exempt = reader.Boolean(nameof(Exempt)) ?? options.Exempt;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (Paths.Count == 0)
        {
            errors.AddMissing($"{path}:{nameof(Paths)}", "at least one path");
        }

        for (var i = 0; i < Paths.Count; i++)
        {
            if (!Paths[i].StartsWith('/') || Paths[i].AsSpan(0, Math.Max(0, Paths[i].Length - 1)).Contains('*'))
            {
                errors.Add($"{path}:{nameof(Paths)}:{i}", Paths[i], "a path such as '/orders' or '/orders/*'");
            }
        }

        errors.CheckRange($"{path}:{nameof(Limit)}", Limit, 1, 1_000_000);
    }
}
