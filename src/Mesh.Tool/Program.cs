return await Mesh.Tool.MeshTool.RunAsync(args, Console.Out, Console.Error, TimeProvider.System).ConfigureAwait(false);
