// The types of `portcullis/react`, as a bundler sees them; nobody runs this.
import { Portcullis } from "portcullis";
import { Portcullis as Projection } from "portcullis/check";
import { Can, PortcullisProvider, useCan, usePortcullis } from "portcullis/react";
import type { ReactNode } from "react";

export function App({ engine, projection }: { engine: Portcullis; projection: Projection | undefined }): ReactNode {
  return (
    <PortcullisProvider engine={engine} principal="user:dora">
      <PortcullisProvider engine={projection} principal="user:dora">
        <Can do="modify" on="/projects/Shop" fallback="no" principal="group:QA">
          <Button />
        </Can>
        {/* @ts-expect-error -- what it is about is missing */}
        <Can do="modify" />
      </PortcullisProvider>
    </PortcullisProvider>
  );
}

function Button(): ReactNode {
  const { engine } = usePortcullis<Portcullis>();
  const allowed: boolean = useCan("modify", "/projects/Shop", { principal: "user:joe" });
  return <button disabled={!allowed}>{engine?.whoCan("modify", "/projects/Shop").join()}</button>;
}
