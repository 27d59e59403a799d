// The variables of a dashboard, and how Grafana fills them in.
import { dateTime } from '@grafana/data';
import { labelValues } from './prometheus.js';

const ALL = '$__all';

// formats are those of ${name:format}.
const formats = {
  percentencode: (value) => encodeURIComponent(value).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase()),
  raw: (value) => value,
  text: (value) => value,
};

export class Variables {
  constructor(times) {
    this.times = times;
    this.list = [];
    this.timeRange = { from: dateTime(times.from * 1000), to: dateTime(times.to * 1000), raw: { from: 'now-1h', to: 'now' } };
    const range = times.to - times.from;
    this.builtIn = {
      __interval: `${times.step}s`, __interval_ms: `${times.step * 1000}`, __rate_interval: `${4 * times.step}s`,
      __range: `${range}s`, __range_s: `${range}`, __range_ms: `${range * 1000}`,
      __from: `${times.from * 1000}`, __to: `${times.to * 1000}`,
      __url_time_range: `from=${times.from * 1000}&to=${times.to * 1000}`,
    };
  }

  // read reads the variables in their order, in which later ones use earlier ones.
  static async read(list, address, times) {
    const variables = new Variables(times);
    for (const v of list) {
      const options = await variables.optionsOf(v);
      variables.list.push({ ...v, options, chosen: address.getAll(`var-${v.name}`).filter((value) => options.includes(value)) });
    }
    return variables;
  }

  async optionsOf(v) {
    switch (v.type) {
      case 'datasource':
        return ['default'];
      case 'query':
        return labelValues(this.replace(v.query.query ?? v.query), v.regex);
      case 'custom':
        return v.query.split(',').map((option) => option.trim());
      case 'constant':
      case 'textbox':
        return [v.query];
      default:
        throw new Error(`the variable ${v.name} is of the unknown type ${v.type}`);
    }
  }

  // valuesOf are the chosen ones: those of the address, else all, else the current one, else the first.
  valuesOf(v) {
    if (v.chosen.length > 0) {
      return v.chosen;
    }
    if (v.includeAll) {
      return [ALL];
    }
    const current = v.current?.value;
    return [v.options.includes(current) ? current : (v.options[0] ?? '')];
  }

  // inQuery is the value as the data source writes it into a query.
  inQuery(v) {
    const values = this.valuesOf(v);
    if (values[0] === ALL && v.allValue) {
      return v.allValue;
    }
    if (!v.multi && !v.includeAll) {
      return values[0];
    }
    const escaped = (values[0] === ALL ? v.options : values).map((value) => value.replace(/[\\^$*+?.()|[\]{}]/g, '\\\\$&'));
    return escaped.length === 1 ? escaped[0] : `(${escaped.join('|')})`;
  }

  asParameters(v) {
    return this.valuesOf(v).map((value) => `var-${v.name}=${formats.percentencode(value)}`).join('&');
  }

  // lookUp returns the value of a name, or undefined.
  lookUp(name, format, scoped) {
    if (name === '__all_variables') {
      return this.list.map((v) => this.asParameters(v)).join('&');
    }
    const v = this.list.find((one) => one.name === name);
    if (v) {
      return format === 'queryparam' ? this.asParameters(v) : this.inQuery(v);
    }
    return this.builtIn[name] ?? ofData(name, scoped?.__dataContext?.value);
  }

  // replace fills in $name and ${name:format}. What is not known stays, as in Grafana.
  replace(text, scoped) {
    return text.replace(/\$\{([^}:]+)(?::([^}]+))?\}|\$(\w+)/g, (whole, braced, format, bare) => {
      const value = this.lookUp(braced ?? bare, format, scoped);
      if (value === undefined) {
        return whole;
      }
      return (formats[format] ?? formats.raw)(String(value));
    });
  }

  rangeOf(expr) {
    return { query: this.replace(expr), start: this.times.from, end: this.times.to, step: this.times.step };
  }
}

// ofData is what a data link takes from the row that it is in.
function ofData(name, context) {
  if (!context) {
    return undefined;
  }
  const { frame, field } = context;
  const row = context.rowIndex ?? frame.length - 1;
  const [, kind, rest] = /^__(data|field|value|series)\.(.+)$/.exec(name) ?? [];
  switch (kind) {
    case 'data': {
      const [, key] = /^fields(?:\.|\[["']?)(.+?)(?:["']?\])?$/.exec(rest) ?? [];
      const found = frame.fields.find((f) => f.name === key || f.state?.displayName === key || f.config.displayName === key);
      return found && (found.values[row] ?? '');
    }
    case 'field':
      return rest.startsWith('labels.') ? field.labels?.[rest.slice('labels.'.length)] : field.name;
    case 'value':
      return field.values[row];
    case 'series':
      return frame.name;
  }
  return undefined;
}
