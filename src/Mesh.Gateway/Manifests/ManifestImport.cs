using System.Collections.Immutable;
using Mesh.Configuration;
using Mesh.Gateway.Manifests.Objects;
using Mesh.Gateway.Routing;
using Mesh.Routing;
using Mesh.Routing.Findings;
using Mesh.Routing.Grpc;

namespace Mesh.Gateway.Manifests;

/// <summary>Puts what manifests say into the options of the gateway, beside what is there already.</summary>
internal sealed class ManifestImport
{
    private const string Subject = "Mesh:Gateway:Manifests";

    private readonly Dictionary<string, ManifestDocument> _documents = new(StringComparer.Ordinal);
    private readonly ImmutableArray<RouteFinding>.Builder _findings = ImmutableArray.CreateBuilder<RouteFinding>();
    private readonly ConfigurationErrors _errors;

    private ManifestImport(ConfigurationErrors errors) => _errors = errors;

    /// <summary>What is worth knowing about routes that were read.</summary>
    public ImmutableArray<RouteFinding> Findings => _findings.ToImmutable();

    /// <summary>Reads files into options.</summary>
    /// <param name="files">The files; <see langword="null"/> when there is no folder.</param>
    /// <param name="options">Takes routes and listeners.</param>
    /// <param name="ownNamespace">The namespace of this process.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static ManifestImport Read(ManifestFiles? files, MeshGatewayOptions options, string ownNamespace, ConfigurationErrors errors)
    {
        var import = new ManifestImport(errors);
        options.Manifests.Validate(Subject, errors);
        if (files is not null)
        {
            import.Read(files, options, ownNamespace);
        }

        return import;
    }

    /// <summary>A message that begins with the path of a field, in the words of the file where that stands in one.</summary>
    public string Describe(string message)
    {
        var end = message.IndexOf(": ", StringComparison.Ordinal);
        var path = end < 0 ? message : message[..end];
        var label = path.IndexOf(':', StringComparison.Ordinal);
        return label > 0 && _documents.TryGetValue(path[..label], out var document)
            ? $"{document.Describe(path[(label + 1)..])}{(end < 0 ? "" : message[end..])}"
            : message;
    }

    /// <summary>A finding in the words of the files it is about.</summary>
    public RouteFinding Describe(RouteFinding finding) =>
        finding with { Path = Describe(finding.Path), Other = finding.Other is { } other ? Describe(other) : null };

    private void Read(ManifestFiles files, MeshGatewayOptions options, string ownNamespace)
    {
        foreach (var error in files.Errors)
        {
            _errors.Add(Subject, error);
        }

        var objects = Objects(files, ownNamespace);
        var gateway = FindGateway(objects, options.Manifests);
        gateway?.AddTo(options.Listeners, options.Manifests, _errors);
        var attachment = new RouteAttachment(gateway, options.Manifests, _findings);
        var grants = objects.Where(static item => item.Kind == ManifestKind.ReferenceGrant).Select(item => ReferenceGrant.Read(item, _errors)).ToList();
        var resolver = new BackendResolver(ownNamespace, grants, _findings);
        foreach (var item in objects)
        {
            if (item.Kind == ManifestKind.HTTPRoute)
            {
                AddHttp(item, options.Routes, attachment, resolver);
            }
            else if (item.Kind == ManifestKind.GRPCRoute)
            {
                AddGrpc(item, options.GrpcRoutes, attachment, resolver);
            }
        }
    }

    private List<ManifestObject> Objects(ManifestFiles files, string ownNamespace)
    {
        Dictionary<(ManifestKind, string), ManifestObject> objects = [];
        foreach (var document in files.All.SelectMany(file => ManifestParser.Parse(file, _errors)))
        {
            _documents[document.Label] = document;
            if (ManifestObject.Create(document, ownNamespace, _errors) is { } item && !objects.TryAdd((item.Kind, item.FullName), item))
            {
                _errors.Add($"{document.Label}:metadata:name", $"there is another {item.Kind} '{item.FullName}' in {objects[(item.Kind, item.FullName)].Document.Label}.");
            }
        }

        return [.. objects.Values];
    }

    private GatewayObject? FindGateway(List<ManifestObject> objects, ManifestOptions options)
    {
        var gateways = objects.Where(static item => item.Kind == ManifestKind.Gateway).ToList();
        var chosen = options.Gateway is { } name ? gateways.FindAll(item => item.Name == name || item.FullName == name) : gateways;
        if (chosen.Count > 1 || (chosen.Count == 0 && options.Gateway is not null))
        {
            _errors.Add($"{Subject}:{nameof(options.Gateway)}", options.Gateway, $"which of the Gateways this process is: {string.Join(", ", gateways.Select(static item => item.FullName))}");
        }

        return chosen.Count == 1 ? GatewayObject.Read(chosen[0], _errors) : null;
    }

    private void AddHttp(ManifestObject item, IDictionary<string, RouteOptions> routes, RouteAttachment attachment, BackendResolver resolver)
    {
        List<ParentRef> parents = [];
        var route = new RouteOptions { Source = item.Document.Section.Path };
        ConfigurationReader.Read(item.Document.Section, _errors, route, (reader, target) =>
        {
            parents = reader.Sections<ParentRef>(nameof(target.ParentRefs), ParentRef.Read) ?? [];
            RouteOptions.Read(reader, target);
        });
        foreach (var (i, rule) in route.Rules.Index())
        {
            resolver.Resolve(item, i, rule.BackendRefs, rule.Filters);
        }

        if (attachment.Find(item, parents, _errors) is { } refs)
        {
            route.ParentRefs = refs;
            Add(routes, item, route);
        }
    }

    private void AddGrpc(ManifestObject item, IDictionary<string, GrpcRouteOptions> routes, RouteAttachment attachment, BackendResolver resolver)
    {
        List<ParentRef> parents = [];
        var route = new GrpcRouteOptions { Source = item.Document.Section.Path };
        ConfigurationReader.Read(item.Document.Section, _errors, route, (reader, target) =>
        {
            parents = reader.Sections<ParentRef>(nameof(target.ParentRefs), ParentRef.Read) ?? [];
            GrpcRouteOptions.Read(reader, target);
        });
        foreach (var (i, rule) in route.Rules.Index())
        {
            resolver.Resolve(item, i, rule.BackendRefs, rule.Filters);
        }

        if (attachment.Find(item, parents, _errors) is { } refs)
        {
            route.ParentRefs = refs;
            Add(routes, item, route);
        }
    }

    private void Add<T>(IDictionary<string, T> routes, ManifestObject item, T route)
    {
        if (!routes.TryAdd(item.FullName, route))
        {
            _errors.Add($"{item.Document.Label}:metadata:name", $"there is another route '{item.FullName}' in the configuration.");
        }
    }
}
