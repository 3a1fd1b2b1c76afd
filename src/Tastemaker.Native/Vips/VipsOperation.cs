namespace Tastemaker.Native.Vips;

/// <summary>A call of one of libvips' operations by its name, such as <c>pngload</c> or <c>icc_transform</c>.</summary>
internal sealed unsafe class VipsOperation : IDisposable
{
    private readonly string _name;
    private nint _operation;

    public VipsOperation(string name, ReadOnlySpan<(string Name, string Value)> options)
    {
        VipsRuntime.EnsureStarted();
        VipsRuntime.TakeWarning();
        _name = name;
        _operation = VipsApi.vips_operation_new(name);
        if (_operation == 0)
        {
            throw Failed();
        }

        LiveHandles.Opened();
        try
        {
            foreach (var (option, value) in options)
            {
                Set(option, value);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Sets a number, an enumeration's value, a truth value or a string; strings are taken as they are.</summary>
    public void Set(string option, string value)
    {
        if (VipsApi.vips_object_set_argument_from_string(_operation, option, value) != 0)
        {
            throw Failed();
        }
    }

    public void Set(string option, VipsImage image)
    {
        using var held = new Held(image);
        VipsApi.GValue value = default;
        VipsApi.g_value_init(&value, VipsApi.vips_image_get_type());
        VipsApi.g_value_set_object(&value, held.Pointer);
        VipsApi.g_object_set_property(_operation, option, &value);
        VipsApi.g_value_unset(&value);
    }

    /// <summary>Sets bytes, of which libvips gets a copy that lives as long as anything made from them.</summary>
    public void Set(string option, ReadOnlySpan<byte> bytes)
    {
        nint blob;
        fixed (byte* data = bytes)
        {
            blob = VipsApi.vips_blob_copy(data, (nuint)bytes.Length);
        }

        if (blob == 0)
        {
            throw Failed();
        }

        VipsApi.GValue value = default;
        VipsApi.g_value_init(&value, VipsApi.vips_blob_get_type());
        VipsApi.g_value_set_boxed(&value, blob);
        VipsApi.g_object_set_property(_operation, option, &value);
        VipsApi.g_value_unset(&value);
        VipsApi.vips_area_unref(blob);
    }

    /// <summary>
    /// Runs the operation, which then has its outputs. What libvips returns is a reference of its own, to this operation
    /// or to an equal one that another thread has just run.
    /// </summary>
    public void Build()
    {
        var built = VipsApi.vips_cache_operation_build(_operation);
        if (built == 0)
        {
            throw Failed();
        }

        VipsApi.g_object_unref(_operation);
        _operation = built;
    }

    public VipsImage Image(string output)
    {
        VipsApi.GValue value = default;
        VipsApi.g_value_init(&value, VipsApi.vips_image_get_type());
        VipsApi.g_object_get_property(_operation, output, &value);
        var image = new VipsImage(VipsApi.g_value_dup_object(&value));
        VipsApi.g_value_unset(&value);
        return image;
    }

    public byte[] Bytes(string output)
    {
        VipsApi.GValue value = default;
        nuint length;
        VipsApi.g_value_init(&value, VipsApi.vips_blob_get_type());
        VipsApi.g_object_get_property(_operation, output, &value);
        var data = VipsApi.vips_blob_get(VipsApi.g_value_get_boxed(&value), &length);
        var bytes = new ReadOnlySpan<byte>((void*)data, checked((int)length)).ToArray();
        VipsApi.g_value_unset(&value);
        return bytes;
    }

    /// <summary>Drops the operation's own references to its outputs, then the operation; whoever took an output keeps it.</summary>
    public void Dispose()
    {
        if (_operation != 0)
        {
            VipsApi.vips_object_unref_outputs(_operation);
            VipsApi.g_object_unref(_operation);
            _operation = 0;
            LiveHandles.Closed();
        }
    }

    private VipsException Failed() => VipsException.During(_name);
}
